import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { waitFor } from '#libs/embedded';
import { type RunningStore, runStore, type StackDescription } from '#libs/testing';
import { checkStore } from '../invariants/check-store.js';
import type { Backups } from './backups.js';
import { BusyStore } from './busy-store.js';
import { openBackups } from './open-backups.js';

export interface DrillOptions {
  readonly folder: string;
  /** Between two backups. */
  readonly orders: number;
}

/** In the order in which they are backed up: no two at one moment, and not in the order in which an order passes them. */
const SERVICES = ['orders', 'users', 'payments', 'gateway', 'inventory'] as const;
/** Those that Kafka can bring up to now, in the order of the steps. */
const RECOVERED = ['inventory', 'payments', 'users', 'orders'] as const;
const run = promisify(execFile);
const say = (line: string) => console.log(`[${new Date().toISOString().slice(11, 19)}] ${line}`);

/** Resolves to what is wrong at the end; empty when the store is whole again. */
export async function restoreDrill({ folder, orders }: DrillOptions): Promise<string[]> {
  say('starting a store');
  const times = { ORDERS_DEADLINE: '30', RESERVATION_TTL: '60' };
  const store = runStore(join(folder, 'store'), times);
  try {
    const stack = await store.ready();
    const busy = await BusyStore.open(stack.gateway.url);
    const backups = await openBackups(stack.postgres.url, join(folder, 'backups'));
    const moments = await backUp(busy, backups, orders);
    await disaster(store, busy);
    for (const service of SERVICES) await backups.restore(service);
    say(`restored ${SERVICES.join(', ')}, each to its own moment`);
    await recoverAll(stack, moments, times);
    await startAll(store);
    return await judge(await store.stack(), busy);
  } finally {
    await store.stop();
  }
}

async function backUp(busy: BusyStore, backups: Backups, orders: number): Promise<Map<string, string>> {
  say(`orders, refunds, deliveries go on; backups by ${backups.how}`);
  const moments = new Map<string, string>();
  for (const service of SERVICES) {
    await busy.more(orders);
    moments.set(service, await backups.take(service));
    say(`${service} is backed up; ${busy.accepted.length} orders so far`);
  }
  await busy.more(orders);
  return moments;
}

/** In the middle of everything, all apps stop at once; what was asked meanwhile stays unanswered. */
async function disaster(store: RunningStore, busy: BusyStore): Promise<void> {
  const apps = ['gateway', 'orders', 'payments', 'inventory', 'users'];
  await Promise.all(apps.map((app) => store.operate('stop', app)));
  say(`everything is down after ${busy.accepted.length} orders and ${busy.refunds.length} refunds`);
}

/** What a person does by hand: docs/runbook.md, "Back up and restore". */
async function recoverAll(
  stack: StackDescription,
  moments: ReadonlyMap<string, string>,
  times: Readonly<Record<string, string>>,
): Promise<void> {
  for (const service of RECOVERED) {
    const env = { ...process.env, ...times, ...variablesOf(service, stack) };
    const args = [`dist/apps/${service}/src/recover.js`, '--since', moments.get(service) ?? ''];
    const { stdout } = await run(process.execPath, args, { env });
    for (const line of stdout.trim().split('\n')) say(`  ${line}`);
  }
}

/** Those of the service; addresses that recovery does not use are made up. */
function variablesOf(service: string, { postgres, kafka, provider, apps }: StackDescription): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: postgres.urls[service],
    KAFKA_BROKERS: kafka.brokers,
    TRUSTED_CALLERS: 'gateway=http://127.0.0.1:1/jwks.json',
    ...{ GRPC_LISTEN: '127.0.0.1:0', OPS_LISTEN: '127.0.0.1:0', OPERATOR_LISTEN: '127.0.0.1:0' },
    ...{
      INVENTORY_ADDRESS: apps.inventory?.grpc,
      ORDERS_ADDRESS: apps.orders?.grpc,
      PAYMENTS_ADDRESS: apps.payments?.grpc,
    },
    PROVIDER_URL: provider.url,
    DEMO_MODE: 'true',
  };
}

/** The services first, and customers last: the gateway opens when everything has caught up. */
async function startAll(store: RunningStore): Promise<void> {
  for (const app of ['users', 'inventory', 'payments', 'orders', 'gateway']) await store.operate('start', app);
  const ready = async () => {
    const { apps } = await store.stack();
    const answers = Object.values(apps).map(({ ops }) =>
      fetch(`${ops}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return (await Promise.all(answers)).every(Boolean);
  };
  await waitFor(ready, { timeout: 120_000, interval: 500, what: 'the apps to be ready' });
  say('everything runs again');
}

async function judge(stack: StackDescription, busy: BusyStore): Promise<string[]> {
  await busy.stop();
  const promised = busy.accepted;
  const violations = await checkStore(stack, { patienceSeconds: 120 });
  say(`${promised.length} orders and ${busy.refunds.length} refunds were promised`);
  return [
    ...violations.map(
      ({ invariant, what, subject, evidence }) => `${invariant} ${what}: ${subject} ${JSON.stringify(evidence)}`,
    ),
    ...(await lost(stack, 'orders', promised)).map((id) => `order ${id} was promised and is lost`),
    ...(await lost(stack, 'refunds', busy.refunds)).map((id) => `refund ${id} was promised and is lost`),
  ];
}

/** Of these ids, those that are not in the table of orders, or not at their end. */
async function lost(stack: StackDescription, table: 'orders' | 'refunds', ids: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: stack.postgres.urls.orders });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(`SELECT id FROM ${table} WHERE state <> 'PENDING'`);
    const ended = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => !ended.has(id));
  } finally {
    await client.end();
  }
}
