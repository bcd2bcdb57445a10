import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { readPlans } from '#libs/database';
import { loadConfig } from '#libs/service';
import { gatewayEnvironment } from '../../apps/gateway/src/environment.js';
import { inventoryEnvironment } from '../../apps/inventory/src/config.js';
import { describeVariables, readConfig } from '../../apps/migrate/src/config.js';
import { ordersEnvironment } from '../../apps/orders/src/config.js';
import { simulatorEnvironment } from '../../apps/payment-simulator/src/config.js';
import { paymentsEnvironment } from '../../apps/payments/src/config.js';
import { usersEnvironment } from '../../apps/users/src/config.js';
import { manifestsOf, type Workload } from './manifests.js';
import { OVERLAYS } from './overlays.js';

const SCHEMAS: Readonly<Record<string, z.ZodObject>> = {
  gateway: gatewayEnvironment,
  users: usersEnvironment,
  inventory: inventoryEnvironment,
  orders: ordersEnvironment,
  payments: paymentsEnvironment,
  'payment-simulator': simulatorEnvironment,
};

/** `${NAME}` and `${NAME:-default}` of the gateway's file, comments aside. */
const namedByGateway = [
  ...readFileSync('apps/gateway/gateway.yaml', 'utf8').matchAll(/^\s*[^#\s].*\$\{(\w+)(:-)?/gm),
].map(([, name = '', optional]) => ({ name, required: optional === undefined }));
const plans = await readPlans('apps');
const secretsPage = readFileSync('docs/kubernetes.md', 'utf8');

/** What stands for the content of a secret, or of a file that only exists in a cluster. */
const samples: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://role:password@postgresql:5432/store?sslmode=verify-full',
  REDIS_URL: 'rediss://gateway:password@valkey:6379',
  SMTP_URL: 'smtps://user:password@mail.example:465',
};

const isTelemetry = (name: string) => name.startsWith('OTEL_');
const withoutFile = (name: string) => name.replace(/_FILE$/, '');

/** The environment as the app sees it, with the files of secrets read. */
function asRead(environment: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => {
    const bare = withoutFile(name);
    return bare === name ? [name, value] : [bare, samples[bare] ?? 'a-password'];
  });
  return { ...Object.fromEntries(entries), ...('KAFKA_TLS' in environment && { KAFKA_TLS: 'true' }) };
}

function secretFilesOf({ spec }: Workload, environment: Readonly<Record<string, string>>): string[] {
  const { containers, volumes } = spec.template.spec;
  return Object.entries(environment)
    .filter(([name]) => name.endsWith('_FILE'))
    .map(([, path]) => {
      const mount = containers[0].volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
      const secret = volumes.find(({ name }) => name === mount?.name)?.secret;
      return `${secret?.secretName ?? 'no secret'} ${path.slice((mount?.mountPath.length ?? 0) + 1)}`;
    });
}

describe.each(OVERLAYS)('the configuration of Kubernetes, %s', (overlay) => {
  const { all, deployments, jobs, configMaps, environmentOf } = manifestsOf(overlay);
  const apps = deployments.filter(({ metadata }) => metadata.name in SCHEMAS);

  it.each(apps.map((app) => [app.metadata.name, app] as const))('of %s is one that it starts with', (name, app) => {
    const schema = SCHEMAS[name] ?? gatewayEnvironment;
    const environment = asRead(environmentOf(app));
    expect(() => loadConfig(schema, environment)).not.toThrow();
    const known = [...Object.keys(schema.shape), ...(name === 'gateway' ? namedByGateway.map((one) => one.name) : [])];
    const unknown = Object.keys(environment).filter((variable) => !isTelemetry(variable) && !known.includes(variable));
    expect(unknown).toEqual([]);
    expect(environment.OTEL_SERVICE_NAME).toBe(name);
  });

  it('gives the gateway every variable that its file needs', () => {
    const gateway = apps.find(({ metadata }) => metadata.name === 'gateway');
    const environment = gateway ? asRead(environmentOf(gateway)) : {};
    const missing = namedByGateway.filter(({ name, required }) => required && !(name in environment));
    expect(missing).toEqual([]);
  });

  it('of the migrate job is one that it starts with', () => {
    const [job] = jobs;
    const environment = job ? asRead(environmentOf(job)) : {};
    expect(() => readConfig(plans, environment)).not.toThrow();
    const known = describeVariables(plans).map((line) => line.trim().split(' ', 1)[0]);
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
  });

  it('has secrets as files of the app that needs them, and docs/kubernetes.md lists each', () => {
    const used = [...apps, ...jobs].flatMap((workload) => {
      const files = secretFilesOf(workload, environmentOf(workload));
      expect(files.filter((file) => !file.startsWith(`${workload.metadata.name}-secrets `))).toEqual([]);
      return files;
    });
    expect(used.length).toBeGreaterThan(15);
    const listed = used.filter((file) => {
      const [secret, key] = file.split(' ');
      return new RegExp(`^\\| \`${secret}\` .*\`${key}\``, 'm').test(secretsPage);
    });
    expect(listed).toEqual(used);
  });

  it('contains no secret', () => {
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const values = [...configMaps.values()].flatMap((data) => Object.entries(data));
    expect(values.filter(([name]) => /(PASSWORD|TOKEN|SECRET|DATABASE_URL|REDIS_URL|SMTP_URL)$/.test(name))).toEqual(
      [],
    );
    expect(values.filter(([, value]) => /:\/\/[^/\s:@]*:[^/\s@]+@/.test(value))).toEqual([]);
    const demo = apps.filter((app) => environmentOf(app).DEMO_MODE === 'true').map(({ metadata }) => metadata.name);
    expect(demo).toEqual(overlay === 'staging' ? ['payment-simulator'] : []);
  });
});
