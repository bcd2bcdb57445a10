import { channelOf } from '#libs/contracts';
import { canTurnBack, type SagaDecision, type SagaMessage, type SagaState } from './next.js';
import type { SagaTable } from './table.js';

/** What a person may decide about a saga in place of an answer that does not come. */
export type SagaChoice =
  /** The work of the running step is done: go on. */
  | { readonly outcome: 'STEP_SUCCEEDED' }
  /** The running step holds nothing: undo the steps before it, for this reason. */
  | { readonly outcome: 'STEP_REFUSED'; readonly refusal: string }
  /** Undo everything that was sent, the running step included. */
  | { readonly outcome: 'TURN_BACK' }
  /** This undo command has done its work. */
  | { readonly outcome: 'UNDONE'; readonly undo: string };

type Table = Pick<SagaTable<never>, 'name' | 'version' | 'steps'>;

/**
 * Every choice that the table allows in this state: none at an end; from the pivot on no way back, unless the pivot
 * itself may be refused. `refusals` are the reasons that the owner of the saga knows how to end with.
 */
export function choicesOf(table: Table, state: SagaState, refusals: readonly string[]): SagaChoice[] {
  if (state.phase === 'compensating') return state.undoing.map((undo) => ({ outcome: 'UNDONE', undo }));
  if (state.phase !== 'running') return [];
  const step = table.steps.find((one) => one.name === state.step);
  const refused = refusals.map((refusal): SagaChoice => ({ outcome: 'STEP_REFUSED', refusal }));
  return [
    { outcome: 'STEP_SUCCEEDED' },
    ...(canTurnBack(table, state) ? [{ outcome: 'TURN_BACK' } as const] : []),
    ...(step?.failure?.length ? refused : []),
  ];
}

/** The message that a choice stands for, to be given to `next`; undefined when the saga waits for no such thing. */
export function messageOf(table: Table, state: SagaState, choice: SagaChoice): SagaMessage | undefined {
  const running = state.phase === 'running' ? table.steps.find((step) => step.name === state.step) : undefined;
  switch (choice.outcome) {
    case 'TURN_BACK':
      return { kind: 'cancel' };
    case 'STEP_SUCCEEDED': {
      const success = running?.success[0];
      return success && { kind: 'reply', type: channelOf(success).type };
    }
    case 'STEP_REFUSED': {
      const failure = running?.failure?.[0];
      return failure && { kind: 'reply', type: failure.type, reason: choice.refusal };
    }
    case 'UNDONE': {
      const undone = table.steps.find((step) => step.undo?.command.type === choice.undo)?.undo;
      return undone && { kind: 'reply', type: channelOf(undone.done).type };
    }
  }
}

/**
 * The commands that the saga waits for, once more; a text that says why not when there are none, or when they cannot be
 * made again since what they carried was erased.
 */
export function again(table: Table, state: SagaState): SagaDecision | string {
  if (state.phase === 'completed' || state.phase === 'compensated') return 'It has ended: nothing is waited for.';
  if (state.phase === 'compensating') return resend(state, state.undoing);
  const step = table.steps.find((one) => one.name === state.step);
  if (!step) throw new Error(`${table.name} v${table.version} has no step "${state.step}"`);
  if (step.forgets?.length) {
    return `The command of "${step.name}" cannot be made again: ${step.forgets.join(', ')} was erased when it was sent.`;
  }
  return resend(state, [step.command.type]);
}

const resend = (state: SagaState, commands: readonly string[]): SagaDecision => ({
  verdict: 'moved',
  state,
  commands,
  forget: [],
});
