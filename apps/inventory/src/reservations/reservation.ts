/** What became of an order's wish for stock. REJECTED: nothing was ever taken. */
export type ReservationState = 'ACTIVE' | 'HELD' | 'CLAIMED' | 'RELEASED' | 'EXPIRED' | 'REJECTED';
export type ReservationMove = 'hold' | 'claim' | 'release' | 'expire';
export type RejectionReason = 'OUT_OF_STOCK' | 'UNKNOWN_SKU';

/** Units go back or are sold, never both: no state with units left in it can be reached from a closed one. */
export const TRANSITIONS: Readonly<Record<ReservationState, Partial<Record<ReservationMove, ReservationState>>>> = {
  ACTIVE: { hold: 'HELD', release: 'RELEASED', expire: 'EXPIRED' },
  HELD: { claim: 'CLAIMED', release: 'RELEASED' },
  CLAIMED: {},
  RELEASED: {},
  EXPIRED: {},
  REJECTED: {},
};

export class IllegalMove extends Error {
  override readonly name = 'IllegalMove';

  constructor(state: ReservationState | 'absent', move: ReservationMove) {
    super(`cannot ${move} a reservation that is ${state}`);
  }
}

/** The state after a move; throws IllegalMove where the table has none. */
export function next(state: ReservationState, move: ReservationMove): ReservationState {
  const to = TRANSITIONS[state][move];
  if (!to) throw new IllegalMove(state, move);
  return to;
}

export interface Reservation {
  readonly orderId: string;
  readonly state: ReservationState;
  /** Its time has run out by the database's clock, though nobody may have expired it yet. */
  readonly due: boolean;
  /** When an ACTIVE one expires or another one would have; null where nothing was reserved. */
  readonly expireTime: Date | null;
  /** Why a REJECTED one got nothing. */
  readonly rejection: Rejection | null;
}

export interface Rejection {
  readonly reason: RejectionReason | 'RELEASED';
  /** The first line that could not be reserved; empty where no line is to blame. */
  readonly sku: string;
}

/** What a command does to the reservation that it finds, and whether it is answered with a yes. */
export interface Decision {
  /** Absent: the reservation stays as it is, e.g. because the command was seen before. */
  readonly move?: ReservationMove;
  readonly granted: boolean;
}

/** HoldStock. One that comes too late by the clock expires the reservation, so that the answer is final. */
export function decideHold(found: Reservation | undefined): Decision {
  switch (found?.state) {
    case 'ACTIVE':
      return found.due ? { move: 'expire', granted: false } : { move: 'hold', granted: true };
    case 'HELD':
    case 'CLAIMED':
      return { granted: true };
    default:
      return { granted: false };
  }
}

/** ClaimStock. The money is taken by now: there is no answer but yes, and anything else is a broken order. */
export function decideClaim(found: Reservation | undefined): Decision {
  if (!found) throw new IllegalMove('absent', 'claim');
  if (found.state === 'CLAIMED') return { granted: true };
  next(found.state, 'claim');
  return { move: 'claim', granted: true };
}

/** ReleaseStock, after a tombstone was left where there was nothing. Sold units do not come back this way. */
export function decideRelease(found: Reservation | undefined): Decision {
  if (!found) throw new IllegalMove('absent', 'release');
  if (found.state === 'RELEASED' || found.state === 'EXPIRED' || found.state === 'REJECTED') return { granted: true };
  next(found.state, 'release');
  return { move: 'release', granted: true };
}

/** The answer to a ReserveStock whose order has a reservation: the first answer again, unless it was released since. */
export function answerOf(found: Reservation): { expireTime: Date } | { rejection: Rejection } {
  if (found.rejection) return { rejection: found.rejection };
  if (found.state === 'RELEASED' || !found.expireTime) return { rejection: { reason: 'RELEASED', sku: '' } };
  return { expireTime: found.expireTime };
}
