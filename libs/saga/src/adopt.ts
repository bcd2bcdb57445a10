import type { Database } from '#libs/database';
import { begin, canTurnBack, isOver, type SagaState } from './next.js';
import { SagaStore, type SagaTables } from './saga.store.js';
import type { SagaTable } from './table.js';

export interface Adopted<Data> {
  readonly id: string;
  readonly data: Data;
  readonly state: SagaState;
  /** From now, for a new instance that may still turn back. */
  readonly deadlineSeconds: number;
}

type Steps = Pick<SagaTable<never>, 'name' | 'version' | 'steps'>;

/**
 * Where an instance stands whose rows were lost, by the types of the commands that it is known to have sent: at the furthest
 * step, or on the way back, waiting for the undos that are among them. That it turned back is known, why is not: it counts as
 * its deadline.
 */
export function stateAfter({ steps }: Steps, sent: ReadonlySet<string>): SagaState {
  const undos = steps.flatMap(({ undo }) => (undo && sent.has(undo.command.type) ? [undo.command.type] : []));
  const undoing = [...new Set(undos)];
  if (undoing.length > 0) return { phase: 'compensating', undoing, cause: { kind: 'deadline' } };
  const reached = steps.filter((step, at) => at === 0 || sent.has(step.command.type));
  return { phase: 'running', step: reached.at(-1)?.name ?? '' };
}

/**
 * Puts an instance where it is known to stand, after the rows of its last moves were lost; one that is not there is made.
 * Sends nothing. Resolves to false, and changes nothing, for one that stands there or further.
 */
export async function adoptSaga<Data>(
  database: Database<SagaTables>,
  table: SagaTable<Data>,
  { id, data, state, deadlineSeconds }: Adopted<Data>,
): Promise<boolean> {
  const store = new SagaStore(database, table.name);
  return database.transaction(async () => {
    const found = await store.lock(id);
    if (!found) await insert(store, table, { id, data, deadlineSeconds });
    const instance = found ?? (await store.lock(id));
    if (!instance) throw new Error(`${table.name} ${id} was written and is not there`);
    if (progress(table, state) <= progress(table, instance.state)) return found === undefined;
    const deadlineActs = canTurnBack(table, state);
    await store.write(instance, { ...CAUSE, state, data, over: isOver(state), deadlineActs });
    return true;
  });
}

const CAUSE = { cause: 'recovery', commands: [] } as const;

async function insert<Data>(
  store: SagaStore,
  table: SagaTable<Data>,
  { id, data, deadlineSeconds }: Omit<Adopted<Data>, 'state'>,
): Promise<void> {
  const { state } = begin(table);
  const { version } = table;
  const instance = { id, version, state, data, traceContext: {} };
  await store.insert(instance, canTurnBack(table, state) ? deadlineSeconds : undefined);
  await store.record(id, 1, { ...CAUSE, state });
}

/** Grows with every move. */
function progress({ steps }: Steps, state: SagaState): number {
  if (isOver(state)) return steps.length + 1;
  return state.phase === 'compensating' ? steps.length : steps.findIndex(({ name }) => name === state.step);
}
