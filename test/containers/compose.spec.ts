import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlans } from '#libs/database';
import { DATABASE_ROLES, foldersOf, KAFKA_PRINCIPALS } from '../../apps/secrets/src/folders.js';
import { readComposeFile, type Service, secretsOf, textsForContainers } from './compose-file.js';

const { services, networks, volumes } = readComposeFile();
const named = Object.entries(services);
/** What ends by itself. */
const JOBS = ['secrets', 'migrate', 'ops'];
const lasting = named.filter(([name]) => !JOBS.includes(name));
const isOurs = ({ image }: Service) => image?.startsWith('ineedthatfast/') ?? false;
/** Their images say `USER`, and it is not root: they need no `user` here. */
const IMAGES_WITH_A_USER =
  /^(ineedthatfast\/store|apache\/kafka|jaegertracing\/jaeger|otel\/opentelemetry-collector-contrib|prom\/prometheus|grafana\/grafana):/;
/** Who may be reached from this machine, and by which variable that port is moved. */
const PUBLISHED: Readonly<Record<string, string>> = {
  gateway: published('GATEWAY_PORT', 8080),
  jaeger: published('JAEGER_PORT', 16686),
  prometheus: published('PROMETHEUS_PORT', 9090),
  grafana: published('GRAFANA_PORT', 3000),
};

describe('docker-compose.yml', () => {
  it('has every part of the store, and what watches it', () => {
    const apps = ['gateway', 'users', 'inventory', 'orders', 'payments', 'payment-simulator'];
    const servers = ['postgres', 'kafka', 'valkey', 'otel-collector', 'jaeger', 'prometheus'];
    expect(Object.keys(services)).toEqual(expect.arrayContaining([...apps, ...servers, ...JOBS]));
  });

  it.each(lasting)('checks the health of %s, starts it again, and limits its memory and its log', (_, service) => {
    expect(service.healthcheck?.test[0]).toBe('CMD');
    expect(service.restart).toBe('unless-stopped');
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.logging?.options['max-size']).toMatch(/^\d+m$/);
  });

  it.each(named.filter(([name]) => JOBS.includes(name)))('lets the job %s end, and limits it too', (_, service) => {
    expect(service.restart).toMatch(/^(no|on-failure:\d)$/);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
  });

  it.each(named)('runs %s without rights, as a user, on a file system that it cannot write', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      cap_add: [],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.privileged).toBeUndefined();
    if (!IMAGES_WITH_A_USER.test(service.image ?? '')) expect(service.user).toMatch(/^(?!root|0)\w+$/);
  });

  it.each(named)('publishes of %s what people use alone, on loopback', (name, { ports }) => {
    expect(ports).toEqual([PUBLISHED[name] ?? []].flat());
  });

  it.each(named)('can run %s more than once, by a tag that says a version', (_, service) => {
    expect(service.container_name).toBeUndefined();
    expect(service.image).toMatch(/:v?\d[\w.-]*$/);
  });

  it('asks for health by our own program: there is no shell in the image', () => {
    const ours = lasting.filter(([, service]) => isOurs(service));
    const asked = ours.map(([, { healthcheck }]) => healthcheck?.test.slice(1, 3));
    expect(asked).toEqual(ours.map(() => ['/nodejs/bin/node', 'deploy/healthcheck.mjs']));
    expect(ours.filter(([, { stop_grace_period }]) => stop_grace_period !== '15s')).toEqual([]);
  });

  it.each(named)('starts %s when what it needs is well, or has ended well', (_, { depends_on }) => {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect([name, condition]).toEqual([
        name,
        JOBS.includes(name) ? 'service_completed_successfully' : 'service_healthy',
      ]);
    }
  });

  it('lets nobody into the network of the data but those who sign in there, and nothing out of it', () => {
    const inNetwork = (network: string) => named.filter(([, service]) => networksOf(service).includes(network));
    for (const name of ['postgres', 'kafka', 'valkey']) expect(networksOf(services[name])).toEqual(['data']);
    const visitors = inNetwork('data').filter(([name]) => !['postgres', 'kafka', 'valkey'].includes(name));
    expect(visitors.filter(([, service]) => !isOurs(service)).map(([name]) => name)).toEqual([]);
    expect([networks.data, networks.store]).toEqual([{ internal: true }, { internal: true }]);
    expect(
      inNetwork('edge')
        .map(([name]) => name)
        .filter((name) => !PUBLISHED[name]),
    ).toEqual([]);
  });
});

describe.each(readdirSync('deploy/compose').filter((file) => file.endsWith('.yml')))('the layer %s', (file) => {
  const layer = readFileSync(join('deploy/compose', file), 'utf8');

  it('publishes on loopback alone, and says in its first lines how it is used', () => {
    const ports = [...layer.matchAll(/"([^"]*:\d+)"/g)]
      .map(([, text]) => text)
      .filter((text) => /:\d+:\d+$/.test(text ?? ''));
    expect(ports.filter((text) => !text?.startsWith('127.0.0.1:'))).toEqual([]);
    expect(layer.split('\n').slice(0, 12).join('\n')).toContain(`-f deploy/compose/${file}`);
  });

  it('mounts files that exist, and puts what it adds within reach of the store, limited as the rest', () => {
    const { services: layered } = readComposeFile(join('deploy/compose', file));
    const mounted = Object.values(layered).flatMap(({ volumes }) =>
      volumes.flatMap((volume) => (typeof volume === 'string' ? (/^(\.\/[^:]+):/.exec(volume)?.[1] ?? []) : [])),
    );
    expect(mounted.filter((path) => !existsSync(path))).toEqual([]);
    const added = Object.entries(layered).filter(([name, service]) => !services[name] && !service.extends);
    for (const [name, service] of added) {
      expect([name, networksOf(service).length]).not.toEqual([name, 0]);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], mem_limit: expect.any(String) });
      expect(service.logging?.options['max-size']).toMatch(/^\d+m$/);
    }
  });
});

describe('the secrets in docker-compose.yml', () => {
  const folders = foldersOf((name) => `the-${name}`, { database: 'db', valkey: 'cache' });

  it('are files: no text for Docker holds a password, a token or a registry', () => {
    const suspicious = [...textsForContainers()].flatMap(([path, text]) =>
      [
        ...text.matchAll(/\w+:\/\/[^\s/:@"']+:[^\s/@"']+@/g),
        ...text.matchAll(/\b\w*(?:PASSWORD|SECRET|TOKEN)\b *[:=] *["']?[\w!#%^&*+.~-]+/gi),
        ...text.matchAll(/_authToken|\.npmrc|registry=|PRIVATE KEY/g),
      ].map(([found]) => `${path}: ${found}`),
    );
    expect(suspicious).toEqual([]);
  });

  it.each(named.filter(([name]) => name !== 'secrets'))(
    'reach %s from its own folder alone, to be read',
    (name, service) => {
      const mounted = secretsOf(service);
      expect(mounted).toEqual(folders[name] ? [{ folder: name, target: '/run/secrets', readOnly: true }] : []);
      const waitsFor = Object.keys(service.depends_on);
      const comesAfter = waitsFor.some((other) => ['secrets', 'migrate', 'postgres', 'kafka'].includes(other));
      expect(comesAfter).toBe(mounted.length > 0);
    },
  );

  it('are all used, under the names that the job gives them', () => {
    const text = [...textsForContainers()].flatMap(([, content]) => content).join('\n');
    for (const [name, files] of Object.entries(folders)) {
      const { environment = {}, command = [] } = services[name] ?? {};
      const own = [...Object.values(environment), ...command].map(String);
      const used = own.flatMap((value) => /\/run\/secrets\/(.+)/.exec(value)?.[1] ?? []);
      const byScript = Object.keys(files).filter((file) => name === 'kafka' && text.includes(`/run/secrets/${file}`));
      expect([name, [...used, ...byScript].sort()]).toEqual([name, Object.keys(files).sort()]);
    }
  });

  it('are made for every role that migrate makes, and every service that signs in at Kafka', async () => {
    const roles = (await readPlans('apps')).map(({ schema }) => schema);
    expect([...DATABASE_ROLES].sort()).toEqual(roles.sort());
    const principals = named.flatMap(([, { environment }]) => environment.KAFKA_USERNAME ?? []);
    expect([...KAFKA_PRINCIPALS].sort()).toEqual(['broker', ...principals].sort());
  });

  it('and the data outlive the containers', () => {
    expect(Object.keys(volumes)).toEqual(
      expect.arrayContaining(['secrets', 'operators', 'postgres-data', 'kafka-data']),
    );
  });
});

function networksOf(service: Service | undefined): string[] {
  const { networks: joined = [] } = service ?? {};
  return Array.isArray(joined) ? joined : Object.keys(joined);
}

function published(variable: string, port: number): string {
  return `127.0.0.1:\${${variable}:-${port}}:${port}`;
}
