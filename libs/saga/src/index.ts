export { type Adopted, adoptSaga, stateAfter } from './adopt.js';
export type { SagaChoice } from './choices.js';
export { DeadlineSweeper } from './deadline-sweeper.js';
export { defineSaga } from './define-saga.js';
export { toMermaid } from './mermaid.js';
export {
  begin,
  isOver,
  next,
  type SagaCause,
  type SagaDecision,
  type SagaEnd,
  type SagaMessage,
  type SagaState,
} from './next.js';
export type { SagaTables } from './saga.store.js';
export { type Cancellation, SagaEngine, type SagaOptions } from './saga-engine.js';
export { type SagaFilter, SagaListStore, type SagaRow, type TransitionRow } from './saga-list.store.js';
export {
  command,
  refusal,
  repliesOf,
  type SagaCommand,
  type SagaDefinition,
  type SagaRefusal,
  type SagaStep,
  type SagaTable,
  type SagaUndo,
} from './table.js';
