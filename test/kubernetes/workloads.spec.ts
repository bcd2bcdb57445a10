import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { manifestsOf, matches } from './manifests.js';
import { heading, OVERLAYS, renderedFile } from './overlays.js';

const DRAIN_SECONDS = 10;

describe.each(OVERLAYS)('Kubernetes, %s', (overlay) => {
  const manifests = manifestsOf(overlay);
  const { all, deployments, jobs, services, configMaps } = manifests;
  const workloads = [...deployments, ...jobs];
  const named = <W extends { metadata: { name: string } }>(of: readonly W[]) =>
    of.map((one) => [one.metadata.name, one] as const);

  it('is rendered from what is there now: npm run check:k8s -- --write', () => {
    const [first] = readFileSync(renderedFile(overlay), 'utf8').split('\n', 1);
    expect(`${first}\n`).toBe(heading(overlay));
  });

  it('runs every app, and the payment simulator in staging alone', () => {
    const apps = ['gateway', 'inventory', 'orders', 'otel-collector', 'payments', 'users'];
    const simulator = overlay === 'staging' ? ['payment-simulator'] : [];
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual([...apps, ...simulator].sort());
    expect(jobs.map(({ metadata }) => metadata.name)).toEqual(['migrate']);
  });

  it('puts everything into one namespace, which refuses pods that ask for more than they need', () => {
    const [namespace, ...others] = all.filter(({ kind }) => kind === 'Namespace');
    expect(others).toEqual([]);
    expect(namespace?.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    const elsewhere = all.filter(
      ({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== namespace?.metadata.name,
    );
    expect(elsewhere).toEqual([]);
  });

  it.each(named(workloads))('%s is confined as far as the image allows', (_, { spec }) => {
    const { containers, securityContext, automountServiceAccountToken } = spec.template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(automountServiceAccountToken).toBe(false);
  });

  it.each(named(workloads))('%s runs an image with a version of its own', (_, { spec }) => {
    expect(spec.template.spec.containers[0].image).toMatch(/:\d+\.\d+\.\d+$/);
  });

  it.each(named(workloads))('%s mounts what exists, by the volumes that it declares', (_, { spec }) => {
    const { containers, volumes } = spec.template.spec;
    expect(containers[0].volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.map(({ name }) => name).sort());
    const made = volumes.flatMap(({ configMap }) => (configMap ? [configMap.name] : []));
    // Certificates of authorities are the cluster's: docs/kubernetes.md says how to make this one.
    expect(made.filter((name) => name !== 'authorities' && !configMaps.has(name))).toEqual([]);
    const from = containers[0].envFrom.map(({ configMapRef }) => configMapRef.name);
    expect(from.filter((name) => !configMaps.has(name))).toEqual([]);
  });

  it.each(named(deployments))('%s is probed at ports that it has', (_, { spec }) => {
    const [{ ports, startupProbe, livenessProbe, readinessProbe }] = spec.template.spec.containers;
    const probed = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet.port ?? 'not probed');
    const known = ports.map(({ name }) => name);
    expect(probed.filter((port) => !known.includes(port))).toEqual([]);
  });

  it.each(named(deployments))('%s has the time to drain before it is killed', (_, { spec }) => {
    const { terminationGracePeriodSeconds = 0, containers } = spec.template.spec;
    const waits = containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
    expect(terminationGracePeriodSeconds).toBeGreaterThan(waits + DRAIN_SECONDS);
  });

  it.each(named(deployments))('%s selects its own pods, spreads them and lets nodes be emptied', (_, deployment) => {
    const { labels } = deployment.spec.template.metadata;
    expect(matches(deployment.spec.selector?.matchLabels ?? {}, labels)).toBe(true);
    const others = workloads.filter((other) => other !== deployment);
    expect(
      others.filter((other) =>
        matches(deployment.spec.selector?.matchLabels ?? {}, other.spec.template.metadata.labels),
      ),
    ).toEqual([]);
    const spread = deployment.spec.template.spec.topologySpreadConstraints;
    expect(spread.length).toBeGreaterThan(0);
    expect(spread.every(({ labelSelector }) => matches(labelSelector.matchLabels, labels))).toBe(true);
    const budget = z.object({
      spec: z.looseObject({ selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
    });
    const budgets = manifests.ofKind('PodDisruptionBudget', budget);
    expect(budgets.filter(({ spec }) => matches(spec.selector.matchLabels, labels))).toHaveLength(1);
  });

  it.each(named(services.filter(({ spec }) => !spec.externalName)))(
    'the Service %s leads to ports of one app',
    (_, { spec }) => {
      const targets = deployments.filter(({ spec: { template } }) => matches(spec.selector, template.metadata.labels));
      expect(targets).toHaveLength(1);
      const known = targets.flatMap(({ spec: { template } }) =>
        template.spec.containers[0].ports.map(({ name }) => name),
      );
      expect(spec.ports.filter(({ targetPort }) => !known.includes(targetPort))).toEqual([]);
    },
  );

  it('shows every pod of a service to its gRPC clients, once it is ready', () => {
    const grpc = services.filter(({ spec }) => spec.ports.some(({ name }) => name === 'grpc'));
    expect(grpc.map(({ metadata }) => metadata.name).sort()).toEqual(['inventory', 'orders', 'payments', 'users']);
    expect(grpc.filter(({ spec }) => spec.clusterIP !== 'None' || spec.publishNotReadyAddresses)).toEqual([]);
  });

  it('lets requests in by the port of the REST API alone', () => {
    const backend = z.union([
      z.object({ name: z.literal('gateway'), port: z.literal(8080) }),
      z.object({ service: z.object({ name: z.literal('gateway'), port: z.object({ name: z.literal('http') }) }) }),
    ]);
    const routes = all.filter(({ kind }) => kind === 'Ingress' || kind === 'HTTPRoute');
    const backends = JSON.stringify(routes).match(/"backend(Refs)?":/g);
    expect(backends).toHaveLength(1);
    const route = z.looseObject({
      rules: z.tuple([
        z.looseObject({
          backendRefs: z.tuple([backend]).optional(),
          http: z.object({ paths: z.tuple([z.looseObject({ backend })]) }).optional(),
        }),
      ]),
    });
    expect(routes.map(({ spec }) => route.safeParse(spec).error)).toEqual([undefined]);
  });

  it('runs the collector of docker-compose.yml', () => {
    const compose = z
      .object({ services: z.object({ 'otel-collector': z.looseObject({ image: z.string() }) }) })
      .parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }));
    const collector = deployments.find(({ metadata }) => metadata.name === 'otel-collector');
    expect(collector?.spec.template.spec.containers[0].image).toBe(compose.services['otel-collector'].image);
    const config = [...configMaps].find(([name]) => name.startsWith('otel-collector-'))?.[1];
    expect(config?.['config.yaml']).toBe(readFileSync('deploy/otel-collector/config.yaml', 'utf8'));
  });
});
