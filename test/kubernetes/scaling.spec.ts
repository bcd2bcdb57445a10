import { z } from 'zod';
import { manifestsOf } from './manifests.js';
import { OVERLAYS } from './overlays.js';

const SCALED = ['gateway', 'inventory', 'orders', 'payments', 'users'];
const CONSUMERS = ['inventory', 'orders', 'payments'];
/** Partitions of a topic (libs/messaging): consumers beyond them have nothing to do. */
const PARTITIONS = 12;

const onCpu = z.object({
  spec: z.looseObject({
    scaleTargetRef: z.looseObject({ name: z.string() }),
    minReplicas: z.number(),
    maxReplicas: z.number(),
  }),
});
const trigger = z.looseObject({
  type: z.enum(['kafka', 'cpu']),
  metadata: z.record(z.string(), z.string()),
  authenticationRef: z.object({ name: z.string() }).optional(),
});
const onLag = z.object({
  spec: z.looseObject({
    scaleTargetRef: z.looseObject({ name: z.string() }),
    minReplicaCount: z.number(),
    maxReplicaCount: z.number(),
    triggers: z.array(trigger),
  }),
});
const reference = z.looseObject({ parameter: z.string(), name: z.string(), key: z.string() });
const authentication = z.object({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    env: z.array(z.looseObject({ parameter: z.string(), name: z.string() })),
    secretTargetRef: z.array(reference),
    configMapTargetRef: z.array(reference),
  }),
});

describe.each(OVERLAYS)('scaling on Kubernetes, %s', (overlay) => {
  const manifests = manifestsOf(overlay);
  const byCpu = manifests.ofKind('HorizontalPodAutoscaler', onCpu).map(({ spec }) => spec);
  const byLag = manifests.ofKind('ScaledObject', onLag).map(({ spec }) => spec);
  const scaled = [...byCpu, ...byLag].map(({ scaleTargetRef }) => scaleTargetRef.name).sort();

  it('has one autoscaler for each app that may have replicas, and no number of its own beside it', () => {
    expect(scaled).toEqual(SCALED);
    const fixed = manifests.deployments
      .filter(({ spec }) => spec.replicas !== undefined)
      .map(({ metadata }) => metadata.name);
    expect(fixed.filter((name) => SCALED.includes(name))).toEqual([]);
    expect(manifests.deployments.filter(({ metadata }) => ![...fixed, ...SCALED].includes(metadata.name))).toEqual([]);
  });

  it('keeps two of each, and no more consumers than partitions', () => {
    const bounds = [
      ...byCpu.map(({ minReplicas, maxReplicas }) => [minReplicas, maxReplicas]),
      ...byLag.map(({ minReplicaCount, maxReplicaCount }) => [minReplicaCount, maxReplicaCount]),
    ];
    expect(bounds.filter(([least = 0, most = 0]) => least < 2 || most < least || most > PARTITIONS)).toEqual([]);
  });

  it('asks Kafka for the lag of an app as that app, in production', () => {
    expect(byLag.map(({ scaleTargetRef }) => scaleTargetRef.name).sort()).toEqual(
      overlay === 'production' ? CONSUMERS : [],
    );
    const authentications = manifests.ofKind('TriggerAuthentication', authentication);
    for (const { scaleTargetRef, triggers } of byLag) {
      const app = manifests.deployments.find(({ metadata }) => metadata.name === scaleTargetRef.name);
      const environment = app ? manifests.environmentOf(app) : {};
      const kafka = triggers.find(({ type }) => type === 'kafka');
      expect(kafka?.metadata.consumerGroup).toBe(scaleTargetRef.name);
      expect(environment).toHaveProperty(kafka?.metadata.bootstrapServersFromEnv ?? 'no variable');
      expect(kafka?.metadata.sasl).toBe(environment.KAFKA_SASL_MECHANISM?.replace('-sha-', '_sha'));
      expect(kafka?.metadata.tls).toBe(environment.KAFKA_TLS === 'false' ? 'disable' : 'enable');
      const as = authentications.find(({ metadata }) => metadata.name === kafka?.authenticationRef?.name)?.spec;
      expect(as?.env).toMatchObject([{ parameter: 'username', name: 'KAFKA_USERNAME' }]);
      expect(as?.secretTargetRef).toEqual([
        { parameter: 'password', name: `${scaleTargetRef.name}-secrets`, key: 'kafka-password' },
      ]);
      expect(as?.configMapTargetRef).toEqual([
        { parameter: 'ca', name: 'authorities', key: environment.KAFKA_TLS?.split('/').at(-1) },
      ]);
    }
  });
});
