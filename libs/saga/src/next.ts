import { channelOf } from '#libs/contracts';
import type { SagaStep, SagaTable } from './table.js';

/** Why a saga turned back. */
export type SagaCause =
  | { readonly kind: 'refused'; readonly step: string; readonly reason: string }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'cancelled' };

export type SagaState =
  /** The command of `step` was sent, its reply is awaited. */
  | { readonly phase: 'running'; readonly step: string }
  /** Undo commands were sent; those in `undoing` are not answered yet. */
  | { readonly phase: 'compensating'; readonly undoing: readonly string[]; readonly cause: SagaCause }
  | { readonly phase: 'completed' }
  | { readonly phase: 'compensated'; readonly cause: SagaCause };

/** How an instance ended. */
export type SagaEnd = Extract<SagaState, { phase: 'completed' | 'compensated' }>;

export type SagaMessage =
  /** `reason` is set when the reply is a refusal. */
  | { readonly kind: 'reply'; readonly type: string; readonly reason?: string }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'cancel' };

export interface SagaDecision {
  /**
   * moved: write the new state and send the commands. ignored: a duplicate, a late reply, or nothing to do.
   * refused: the message asks for the way back, and the saga is past its pivot or at another end.
   */
  readonly verdict: 'moved' | 'ignored' | 'refused';
  readonly state: SagaState;
  /** Types of the commands to send, in order. */
  readonly commands: readonly string[];
  /** Fields of the data to erase in the same transaction, after the commands were made. */
  readonly forget: readonly string[];
}

type Steps = readonly SagaStep<never>[];
type Table = Pick<SagaTable<never>, 'name' | 'version' | 'steps'>;

/** The first decision of every instance: send the first command. */
export function begin(table: Table): SagaDecision {
  return forward(table.steps, 0);
}

/**
 * What a saga does with a message: a pure function of table, state and message. Whatever comes late, twice or out of
 * order is ignored; the deadline and a cancellation turn it back only while the pivot's command was not written.
 */
export function next(table: Table, state: SagaState, message: SagaMessage): SagaDecision {
  if (message.kind === 'reply') return onReply(table, state, message);
  if (state.phase === 'running' && canTurnBack(table, state)) {
    const kind = message.kind === 'cancel' ? 'cancelled' : 'deadline';
    return turnBack(table.steps, stepsSent(table, state), { kind });
  }
  if (message.kind === 'deadline' || isCancelled(state)) return stay(state, 'ignored');
  return stay(state, 'refused');
}

/** Whether the deadline and a cancellation still act: the pivot's command is not written. */
export function canTurnBack(table: Table, state: SagaState): boolean {
  return (
    state.phase === 'running' && stepsSent(table, state) - 1 < table.steps.findIndex((step) => step.pivot === true)
  );
}

/** Whether the saga came to an end: no message moves it any more. */
export const isOver = (state: SagaState): state is SagaEnd =>
  state.phase === 'completed' || state.phase === 'compensated';

const isCancelled = (state: SagaState) =>
  (state.phase === 'compensating' || state.phase === 'compensated') && state.cause.kind === 'cancelled';

function onReply(table: Table, state: SagaState, reply: { type: string; reason?: string }): SagaDecision {
  if (state.phase === 'compensating') return onUndone(table, state, reply.type);
  if (state.phase !== 'running') return stay(state, 'ignored');
  const at = stepsSent(table, state) - 1;
  const step = table.steps[at];
  if (step?.success.some((message) => channelOf(message).type === reply.type)) return forward(table.steps, at + 1);
  if (step?.failure?.some((refusal) => refusal.type === reply.type)) {
    // A step that was refused holds nothing, also the pivot: only the steps before it are undone.
    return turnBack(table.steps, at, { kind: 'refused', step: step.name, reason: reply.reason ?? 'UNKNOWN' });
  }
  return stay(state, 'ignored');
}

function onUndone(table: Table, state: SagaState & { phase: 'compensating' }, reply: string): SagaDecision {
  const answered = table.steps
    .filter((step) => step.undo && channelOf(step.undo.done).type === reply)
    .map((step) => step.undo?.command.type);
  const undoing = state.undoing.filter((command) => !answered.includes(command));
  if (undoing.length === state.undoing.length) return stay(state, 'ignored');
  return { verdict: 'moved', state: compensation(undoing, state.cause), commands: [], forget: [] };
}

function forward(steps: Steps, to: number): SagaDecision {
  const step = steps[to];
  if (!step) return { verdict: 'moved', state: { phase: 'completed' }, commands: [], forget: [] };
  return {
    verdict: 'moved',
    state: { phase: 'running', step: step.name },
    commands: [step.command.type],
    forget: step.forgets ?? [],
  };
}

/** Undoes the first `sent` steps, answered or not: an undo closes its step, whichever of the two arrives first. */
function turnBack(steps: Steps, sent: number, cause: SagaCause): SagaDecision {
  const undos = steps
    .slice(0, sent)
    .reverse()
    .flatMap((step) => (step.undo ? [step.undo.command.type] : []));
  const commands = [...new Set(undos)];
  const forget = steps.flatMap((step) => step.forgets ?? []);
  return { verdict: 'moved', state: compensation(commands, cause), commands, forget };
}

const compensation = (undoing: readonly string[], cause: SagaCause): SagaState =>
  undoing.length > 0 ? { phase: 'compensating', undoing, cause } : { phase: 'compensated', cause };

const stay = (state: SagaState, verdict: 'ignored' | 'refused'): SagaDecision => ({
  verdict,
  state,
  commands: [],
  forget: [],
});

function stepsSent(table: Table, state: SagaState & { phase: 'running' }): number {
  const at = table.steps.findIndex((step) => step.name === state.step);
  if (at < 0) throw new Error(`${table.name} v${table.version} has no step "${state.step}"`);
  return at + 1;
}
