import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const mount = z.union([
  z.string(),
  z.looseObject({
    type: z.string(),
    source: z.string(),
    target: z.string(),
    read_only: z.boolean().optional(),
    volume: z.object({ subpath: z.string() }).optional(),
  }),
]);

const service = z.looseObject({
  image: z.string().optional(),
  command: z.array(z.string()).default([]),
  user: z.string().optional(),
  container_name: z.string().optional(),
  restart: z.string().optional(),
  read_only: z.boolean().optional(),
  privileged: z.boolean().optional(),
  security_opt: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  mem_limit: z.string().optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
  network_mode: z.string().optional(),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(mount).default([]),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).default({}),
  // A layer that takes it away writes an empty list.
  depends_on: z
    .union([z.record(z.string(), z.object({ condition: z.string() })), z.tuple([]).transform(() => ({}))])
    .default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).default([]) }).optional(),
  stop_grace_period: z.string().optional(),
});

const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() }).nullable()).default({}),
  volumes: z.record(z.string(), z.unknown()).default({}),
});

export type Service = z.output<typeof service>;

/** docker-compose.yml or a layer, its anchors and merges resolved; Compose's own tags (`!reset`) are passed over. */
export function readComposeFile(path = 'docker-compose.yml') {
  return composeFile.parse(parse(readFileSync(path, 'utf8'), { merge: true, logLevel: 'error' }));
}

/** Every text that Docker gets from us, by path: Dockerfile, compose file and layers, and what is mounted from deploy. */
export function textsForContainers(): ReadonlyMap<string, string> {
  const folders = ['deploy/compose', 'deploy/image', 'deploy/kafka', 'deploy/otel-collector', 'deploy/prometheus'];
  const below = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  const paths = ['docker-compose.yml', 'Dockerfile', '.dockerignore', ...below];
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

/** The folder of the volume `secrets` that a service sees; the whole of it is "". */
export function secretsOf({ volumes }: Service): { folder: string; target: string; readOnly: boolean }[] {
  return volumes.flatMap((volume) => {
    if (typeof volume !== 'string') {
      const { source, target, read_only: readOnly = false } = volume;
      return source === 'secrets' ? [{ folder: volume.volume?.subpath ?? '', target, readOnly }] : [];
    }
    const [source, target = '', mode] = volume.split(':');
    return source === 'secrets' ? [{ folder: '', target, readOnly: mode === 'ro' }] : [];
  });
}
