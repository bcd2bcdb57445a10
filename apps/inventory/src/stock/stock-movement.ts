import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { StockMovement_Cause as Cause, type StockMovementSchema } from '#libs/contracts';

export type MovementKind = 'adjust' | 'reserve' | 'release' | 'expire' | 'claim';

/** One change of a product's counters in a warehouse, as it was logged. */
export interface StockMovement {
  readonly id: bigint;
  readonly warehouse: string;
  readonly kind: MovementKind;
  readonly quantity: number;
  readonly orderId: string | null;
  readonly reason: string | null;
  readonly time: Date;
}

const CAUSES: Readonly<Record<MovementKind, Cause>> = {
  adjust: Cause.ADJUSTED,
  reserve: Cause.RESERVED,
  release: Cause.RELEASED,
  expire: Cause.EXPIRED,
  claim: Cause.CLAIMED,
};

export function movementToProto(movement: StockMovement): MessageInitShape<typeof StockMovementSchema> {
  const { id, warehouse, kind, quantity, orderId, reason, time } = movement;
  return {
    ...{ id, warehouse, quantity, cause: CAUSES[kind], time: timestampFromDate(time) },
    ...{ orderId: orderId ?? '', reason: reason ?? '' },
  };
}
