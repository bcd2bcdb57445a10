import {
  StockReservationRejected_Reason as Reason,
  StockClaimedSchema,
  StockHeldSchema,
  StockHoldRejectedSchema,
  StockReleasedSchema,
  type StockReservationRejected,
  StockReservationRejectedSchema,
} from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Past } from '#libs/recovery';
import type { ReservationMove } from '../reservations/reservation.js';
import { ReservationStore } from '../reservations/reservation.store.js';

/**
 * Settles by inventory's own answers what need not, or must not, be decided again when its commands come once more: orders
 * that got nothing or gave it back take nothing now, so that those which were sold find their units; and what was held does
 * not expire because the clock went on.
 */
export class RecoverReservations {
  private readonly store: ReservationStore;

  constructor(private readonly database: Database) {
    this.store = new ReservationStore(database.withTables());
  }

  /** `messages` are the answers about one order, in their order. True when something was written. */
  async recover(orderId: string, messages: readonly Past[]): Promise<boolean> {
    const answers = messages.filter((message) => ANSWERS.some((answer) => message.as(answer)));
    const last = answers.at(-1);
    if (!last) return false;
    return this.database.transaction(async () => {
      const found = await this.store.lock(orderId);
      if (!found) return this.close(orderId, last);
      const move = found.state === 'ACTIVE' || found.state === 'HELD' ? moveTo(last, found.state) : undefined;
      if (move) await this.store.move([orderId], found.state, move);
      return move !== undefined;
    });
  }

  /** Lets what was neither held nor given back in time expire, before anybody asks for units. Resolves to their number. */
  expireDue(): Promise<number> {
    return this.database.transaction(async () => {
      const due = await this.store.lockDue(Number.MAX_SAFE_INTEGER);
      if (due.length > 0) await this.store.move(due, 'ACTIVE', 'expire');
      return due.length;
    });
  }

  private async close(orderId: string, last: Past): Promise<boolean> {
    const rejected = last.as(StockReservationRejectedSchema);
    const rejection = rejected && rejectionOf(rejected);
    if (rejection) await this.store.reject(orderId, rejection);
    else if (rejected || last.as(StockReleasedSchema) || last.as(StockHoldRejectedSchema))
      await this.store.closeUnopened(orderId);
    else return false;
    return true;
  }
}

const ANSWERS = [
  StockReservationRejectedSchema,
  StockHeldSchema,
  StockHoldRejectedSchema,
  StockClaimedSchema,
  StockReleasedSchema,
];

function moveTo(last: Past, state: 'ACTIVE' | 'HELD'): ReservationMove | undefined {
  if (last.as(StockReleasedSchema)) return 'release';
  if (state === 'HELD') return undefined;
  if (last.as(StockHoldRejectedSchema)) return 'expire';
  return last.as(StockHeldSchema) || last.as(StockClaimedSchema) ? 'hold' : undefined;
}

/** Undefined where the order had been closed before it asked. */
function rejectionOf({ reason, sku }: StockReservationRejected) {
  if (reason === Reason.OUT_OF_STOCK) return { reason: 'OUT_OF_STOCK', sku } as const;
  return reason === Reason.UNKNOWN_SKU ? ({ reason: 'UNKNOWN_SKU', sku } as const) : undefined;
}
