import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { type Overlay, renderedFile } from './overlays.js';

const labels = z.record(z.string(), z.string()).default({});
const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional(), labels });
const object = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata });
export type Manifest = z.infer<typeof object>;

const port = z.looseObject({ name: z.string(), containerPort: z.number() });
const probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const container = z.looseObject({
  image: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  ports: z.array(port).default([]),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  securityContext: z.looseObject({}),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
});
const volume = z.looseObject({
  name: z.string(),
  secret: z.looseObject({ secretName: z.string() }).optional(),
  configMap: z.looseObject({ name: z.string() }).optional(),
});
const selector = z.object({ matchLabels: labels });
const workload = object.extend({
  spec: z.looseObject({
    replicas: z.number().optional(),
    selector: selector.optional(),
    template: z.looseObject({
      metadata: z.looseObject({ labels }),
      spec: z.looseObject({
        automountServiceAccountToken: z.boolean().optional(),
        terminationGracePeriodSeconds: z.number().optional(),
        securityContext: z.looseObject({}),
        topologySpreadConstraints: z.array(z.looseObject({ labelSelector: selector })).default([]),
        containers: z.tuple([container]),
        volumes: z.array(volume).default([]),
      }),
    }),
  }),
});
export type Workload = z.infer<typeof workload>;

const service = object.extend({
  spec: z.looseObject({
    clusterIP: z.string().optional(),
    externalName: z.string().optional(),
    publishNotReadyAddresses: z.boolean().default(false),
    selector: labels,
    ports: z.array(z.looseObject({ name: z.string(), port: z.number(), targetPort: z.string() })).default([]),
  }),
});
export type Service = z.infer<typeof service>;

const configMap = object.extend({ data: z.record(z.string(), z.string()) });

/** All that an overlay makes, as it was rendered. */
export function manifestsOf(overlay: Overlay) {
  const documents = parseAllDocuments(readFileSync(renderedFile(overlay), 'utf8'));
  const all = documents.map((document) => object.parse(document.toJS()));
  const ofKind = <S extends z.ZodType>(kind: string, schema: S): z.infer<S>[] =>
    all.filter((manifest) => manifest.kind === kind).map((manifest) => schema.parse(manifest));
  const configMaps = new Map(ofKind('ConfigMap', configMap).map(({ metadata, data }) => [metadata.name, data]));
  return {
    all,
    ofKind,
    deployments: ofKind('Deployment', workload),
    jobs: ofKind('Job', workload),
    services: ofKind('Service', service),
    configMaps,
    /** What a workload's container finds in its environment. */
    environmentOf: ({ spec }: Workload): Record<string, string> => {
      const [{ env, envFrom }] = spec.template.spec.containers;
      const fromMaps = envFrom.map(({ configMapRef }) => configMaps.get(configMapRef.name) ?? {});
      return Object.assign({}, ...fromMaps, Object.fromEntries(env.map(({ name, value }) => [name, value])));
    },
  };
}

export type Manifests = ReturnType<typeof manifestsOf>;

/** Whether every label that is asked for is there, as it is asked for. */
export function matches(wanted: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([key, value]) => found[key] === value);
}
