import { ComposedStore, docker, say } from '../compose/composed-store.js';
import { ShopClient } from '../e2e/shop-client.js';
import { prepareWorld } from './closed-loop.js';
import { coresUsed, readCpuTime } from './cpu-time.js';
import { ContainerCpu } from './docker-engine.js';
import { answersOf, type Figures } from './figures.js';
import { CONFIRMED } from './outcome.js';
import { type Pace, placeOrders } from './place-orders.js';
import { PARTS, type ReplicaRow, writeRow } from './replica-row.js';

export interface Bench extends Pace {
  readonly buyers: number;
  readonly products: number;
}

export interface MeasuredRow {
  readonly row: ReplicaRow;
  readonly figures: Figures;
  /** Cores that a service used, all its replicas together. */
  readonly cores: ReadonlyMap<string, number>;
  /** Cores of this machine that were busy with whatever. */
  readonly machine: number;
}

/** A composed store with the replicas of the row, of its own. */
export function storeOf({ replicas }: ReplicaRow): Promise<ComposedStore> {
  return ComposedStore.prepare({ layers: ['replicas'], scale: replicas });
}

/**
 * Brings the store up, holds its apps to their CPU, and measures. The store stays.
 * @throws when an order did not end CONFIRMED: a figure of a store that fails says nothing
 */
export async function measureRow(store: ComposedStore, row: ReplicaRow, bench: Bench): Promise<MeasuredRow> {
  await store.up();
  // Before the limit: hashing the buyers' passwords is not what is measured.
  const world = await prepareWorld(new ShopClient(store.gatewayUrl), bench.buyers, bench.products);
  await limitCpu(store, row);
  say(`${store.project}: ${writeRow(row)}, ${bench.buyers} buyers, ${bench.products} products`);
  const [engine, containers] = await Promise.all([ContainerCpu.connect(), store.containers()]);
  const { figures, outcomes, before, after } = await placeOrders(world, bench, () => readCpuTime(engine, containers));
  const failed = answersOf(outcomes).filter(([answer]) => answer !== CONFIRMED);
  if (failed.length > 0) throw new Error(`${writeRow(row)}: orders failed: ${failed.map((pair) => pair.join(' × '))}`);
  const { services, machine } = coresUsed(before, after);
  return { row, figures, cores: services, machine };
}

/** Only now: an app starts with what it finds, and would start for minutes on a fraction of a core. */
async function limitCpu(store: ComposedStore, { cpus }: ReplicaRow): Promise<void> {
  if (cpus === undefined) return;
  const apps: readonly string[] = PARTS;
  const limited = (await store.containers()).filter(({ Service }) => apps.includes(Service));
  const { code, stderr } = await docker(['update', '--cpus', String(cpus), ...limited.map(({ ID }) => ID)]);
  if (code !== 0) throw new Error(`docker update --cpus ${cpus}: ${stderr}`);
}
