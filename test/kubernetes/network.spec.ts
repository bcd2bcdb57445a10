import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { apps as launched } from '../../apps/launcher/src/apps.js';
import { choosePorts } from '../../apps/launcher/src/ports.js';
import { manifestsOf, matches, type Workload } from './manifests.js';
import { networkOf } from './network.js';
import { OVERLAYS } from './overlays.js';

const APPS = ['gateway', 'users', 'inventory', 'orders', 'payments'];
const DNS = 53;

const place = {
  ports: await choosePorts(0),
  databases: { gateway: '', users: '', inventory: '', orders: '', payments: '', payment_simulator: '' },
  brokers: '',
  operatorCredentials: '',
  telemetry: {},
};
const namesIn = (trusted = '') =>
  trusted
    .split(',')
    .filter(Boolean)
    .map((entry) => entry.split('=', 1)[0] ?? '')
    .sort();

/** Whom each app takes calls from with `npm start`: what every other place has to agree with. */
const CALLERS = new Map(launched.map((app) => [app.name, namesIn(app.environment(place).TRUSTED_CALLERS)]));

/** Who asks an app for its public keys: those whom it calls, and the gateway, which reads the tokens that users makes. */
const believersOf = (name: string) =>
  APPS.filter((other) => CALLERS.get(other)?.includes(name) || (other === 'gateway' && name === 'users')).sort();

it('is the same table in docker-compose.yml', () => {
  const services = z
    .record(
      z.string(),
      z.looseObject({ environment: z.looseObject({ TRUSTED_CALLERS: z.string().optional() }).default({}) }),
    )
    .parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }).services);
  for (const name of APPS)
    expect([name, namesIn(services[name]?.environment.TRUSTED_CALLERS)]).toEqual([name, CALLERS.get(name)]);
});

describe.each(OVERLAYS)('the network of Kubernetes, %s', (overlay) => {
  const manifests = manifestsOf(overlay);
  const network = networkOf(manifests);
  const workloads = [...manifests.deployments, ...manifests.jobs];
  const byName = new Map(workloads.map((workload) => [workload.metadata.name, workload]));
  const get = (name: string): Workload => {
    const found = byName.get(name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const whoMayCall = (name: string, port: string) =>
    workloads
      .filter((from) => network.mayCall(from, get(name), port))
      .map(({ metadata }) => metadata.name)
      .sort();

  it.each(workloads.map((workload) => [workload.metadata.name, workload] as const))(
    'is closed around %s',
    (_, workload) => {
      expect(network.isClosed(workload)).toBe(true);
    },
  );

  it.each(APPS)('trusts the callers of %s that are in the table', (name) => {
    expect(namesIn(manifests.environmentOf(get(name)).TRUSTED_CALLERS)).toEqual(CALLERS.get(name));
  });

  it.each(APPS.filter((name) => name !== 'gateway'))('lets the callers of %s in, and nobody else', (name) => {
    expect(whoMayCall(name, 'grpc')).toEqual(CALLERS.get(name));
  });

  it.each(APPS)('lets those who believe %s ask for its public keys, and nobody else', (name) => {
    expect(whoMayCall(name, 'ops')).toEqual(believersOf(name));
    expect(network.namespacesThatMayCall(get(name), 'ops')).toEqual([['ineedthatfast.example/may-call', 'metrics']]);
  });

  it('lets requests into the gateway from the edge alone, and operators in from no app', () => {
    expect(network.namespacesThatMayCall(get('gateway'), 'http')).toEqual([
      ['ineedthatfast.example/may-call', 'gateway'],
    ]);
    expect(whoMayCall('gateway', 'http')).toEqual([]);
    for (const name of APPS.filter((one) => one !== 'gateway')) {
      expect(whoMayCall(name, 'operator')).toEqual([]);
      expect(network.namespacesThatMayCall(get(name), 'operator')).toEqual([]);
    }
  });

  it('finds the public keys of callers while they are not ready yet', () => {
    const urls = APPS.flatMap((name) => {
      const { TRUSTED_CALLERS = '', TOKEN_JWKS_URL } = manifests.environmentOf(get(name));
      const entries = TRUSTED_CALLERS.split(',')
        .filter(Boolean)
        .map((entry) => entry.split(/=(.*)/s));
      return [...entries, ...(TOKEN_JWKS_URL ? [['users', TOKEN_JWKS_URL]] : [])];
    });
    expect(urls).toHaveLength(8);
    for (const [caller = '', url = ''] of urls) {
      const { hostname, port } = new URL(url);
      const service = manifests.services.find(({ metadata }) => metadata.name === hostname);
      expect(service?.spec).toMatchObject({
        publishNotReadyAddresses: true,
        ports: [{ port: Number(port), targetPort: 'ops' }],
      });
      expect(matches(service?.spec.selector ?? {}, get(caller).spec.template.metadata.labels)).toBe(true);
    }
  });

  it('has a Service at each address that an app is given', () => {
    const given = APPS.flatMap((name) => Object.entries(manifests.environmentOf(get(name))))
      .filter(([variable]) => variable.endsWith('_ADDRESS'))
      .map(([, address]) => address);
    const known = manifests.services.flatMap(({ metadata, spec }) =>
      spec.ports.map(({ port }) => `${metadata.name}:${port}`),
    );
    expect(given.length).toBeGreaterThan(6);
    expect(given.filter((address) => !known.includes(address))).toEqual([]);
    const { OUTGOING_ALLOW = '' } = manifests.environmentOf(get('gateway'));
    expect(OUTGOING_ALLOW.split(',').sort()).toEqual(['inventory', 'orders', 'payments', 'users', 'users-keys']);
  });

  it('leads out to the stores that an app has, and to DNS', () => {
    const [postgresql, kafka, valkey, mail] = [5432, 9093, 6379, [465, 587]] as const;
    const provider = overlay === 'production' ? [443] : [];
    const outside = (name: string) => network.portsOutside(get(name)).toSorted();
    expect(outside('gateway')).toEqual([DNS, DNS, postgresql, valkey].toSorted());
    expect(outside('users')).toEqual([DNS, DNS, postgresql, kafka, ...mail].toSorted());
    for (const name of ['inventory', 'orders', 'migrate'])
      expect(outside(name)).toEqual([DNS, DNS, postgresql, kafka].toSorted());
    expect(outside('payments')).toEqual([DNS, DNS, postgresql, kafka, ...provider].toSorted());
    expect(outside('otel-collector')).toEqual([DNS, DNS, 4317].toSorted());
  });

  it('lets every app reach the collector, and payments the simulator where there is one', () => {
    expect(whoMayCall('otel-collector', 'otlp-http')).toEqual(
      manifests.deployments
        .map(({ metadata }) => metadata.name)
        .filter((name) => name !== 'otel-collector')
        .sort(),
    );
    if (overlay === 'staging') expect(whoMayCall('payment-simulator', 'ops')).toEqual(['payments']);
  });
});
