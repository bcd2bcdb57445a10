import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Order_Reason, Order_State, type OrderTransitionSchema, Refund_State } from '#libs/contracts';
import { isOver, type SagaState } from '#libs/saga';
import type { OrderStatus } from '../order.js';
import { reasonToProto } from '../order.proto.js';

/** One move of the process that placed an order, or of one that refunds it. */
export interface Transition {
  /** Undefined: of the order itself. */
  readonly refundId: string | undefined;
  /** As the saga has recorded it. */
  readonly cause: string;
  readonly state: SagaState;
  /** Types of the commands that left with it. */
  readonly commands: readonly string[];
  readonly time: Date;
}

const REFUND_STATES: Readonly<Record<SagaState['phase'], Refund_State>> = {
  running: Refund_State.PENDING,
  compensating: Refund_State.PENDING,
  completed: Refund_State.SUCCEEDED,
  compensated: Refund_State.REJECTED,
};

/** The move as the API shows it; `order` is how the order has ended, if it has. */
export function transitionToProto(
  { refundId, cause, state, commands, time }: Transition,
  order: OrderStatus,
): MessageInitShape<typeof OrderTransitionSchema> {
  const ended = refundId !== undefined || isOver(state);
  return {
    time: timestampFromDate(time),
    state: ended ? Order_State[order.state] : Order_State.PENDING,
    reason: ended ? reasonToProto(order) : Order_Reason.REASON_UNSPECIFIED,
    cause: causeOf(cause, refundId),
    step: state.phase === 'running' ? state.step : '',
    commands: commands.map(plainName),
    refundId: refundId ?? '',
    refundState: refundId === undefined ? Refund_State.STATE_UNSPECIFIED : REFUND_STATES[state.phase],
  };
}

function causeOf(cause: string, refundId: string | undefined): string {
  if (cause === 'start') return refundId === undefined ? 'placed' : 'refund requested';
  return plainName(cause);
}

/** `StockReserved` of `inventory.StockReserved.v1`; whatever is no type of a message stays as it is. */
const plainName = (type: string) => /^[a-z_]+\.(\w+)\.v\d+$/.exec(type)?.[1] ?? type;
