import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  Saga_Outcome as Outcome,
  Saga_Phase as Phase,
  type Saga_Choice,
  type Saga_ChoiceSchema,
  type Saga_StateSchema,
  type Saga_TransitionSchema,
  type SagaSchema,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { SagaCause, SagaChoice, SagaRow, SagaState, TransitionRow } from '#libs/saga';
import { traceIdOf } from './trace-id.js';

const PHASES = {
  running: Phase.RUNNING,
  compensating: Phase.COMPENSATING,
  completed: Phase.COMPLETED,
  compensated: Phase.COMPENSATED,
} as const;

/** An instance as operators see it, without history, data and choices. */
export function sagaToProto(row: SagaRow) {
  return {
    saga: row.saga,
    id: row.id,
    version: row.version,
    state: stateToProto(row.state),
    moves: row.transitions,
    traceId: traceIdOf(row.trace_context),
    ...(row.deadline_at ? { deadlineTime: timestampFromDate(row.deadline_at) } : {}),
    createTime: timestampFromDate(row.created_at),
    updateTime: timestampFromDate(row.updated_at),
    ...(row.ended_at ? { endTime: timestampFromDate(row.ended_at) } : {}),
  } satisfies MessageInitShape<typeof SagaSchema>;
}

export function transitionToProto(row: TransitionRow) {
  const { sequence, cause, commands } = row;
  return {
    sequence,
    cause,
    commands,
    state: stateToProto(row.state),
    time: timestampFromDate(row.at),
  } satisfies MessageInitShape<typeof Saga_TransitionSchema>;
}

export const choiceToProto = (choice: SagaChoice) =>
  ({ ...choice, outcome: Outcome[choice.outcome] }) satisfies MessageInitShape<typeof Saga_ChoiceSchema>;

/** Throws VALIDATION_FAILED for an outcome that is none. */
export function choiceOf({ outcome, refusal, undo }: Saga_Choice): SagaChoice {
  switch (outcome) {
    case Outcome.STEP_SUCCEEDED:
      return { outcome: 'STEP_SUCCEEDED' };
    case Outcome.STEP_REFUSED:
      return { outcome: 'STEP_REFUSED', refusal };
    case Outcome.TURN_BACK:
      return { outcome: 'TURN_BACK' };
    case Outcome.UNDONE:
      return { outcome: 'UNDONE', undo };
    default:
      throw new DomainError('VALIDATION_FAILED', {
        violations: [{ field: 'choice.outcome', description: 'is not an outcome' }],
      });
  }
}

function stateToProto(state: SagaState) {
  return {
    phase: PHASES[state.phase],
    ...(state.phase === 'running' ? { step: state.step } : {}),
    ...(state.phase === 'compensating' ? { undoing: [...state.undoing] } : {}),
    ...('cause' in state ? { cause: causeText(state.cause) } : {}),
  } satisfies MessageInitShape<typeof Saga_StateSchema>;
}

const causeText = (cause: SagaCause): string =>
  cause.kind === 'refused' ? `${cause.step}: ${cause.reason}` : cause.kind;
