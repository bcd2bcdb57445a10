import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { LowStock } from '../stock/low-stock.js';
import {
  answerOf,
  type Decision,
  decideClaim,
  decideHold,
  decideRelease,
  type Rejection,
  type Reservation,
} from './reservation.js';
import { ReservationStore } from './reservation.store.js';
import { ReservationMetrics } from './reservation-metrics.js';
import type { Wish } from './wish.js';

/**
 * What can be done with an order's reservation. Each call is one transaction (or joins the caller's), and repeating it
 * gives the same answer and moves nothing twice.
 */
@Injectable()
export class Reservations {
  constructor(
    private readonly database: Database,
    private readonly store: ReservationStore,
    private readonly metrics: ReservationMetrics,
    private readonly lowStock: LowStock,
  ) {}

  /** Takes all lines or none, until the time to live has passed. */
  async reserve(wish: Wish): Promise<{ expireTime: Date } | { rejection: Rejection }> {
    return this.database.transaction(async () => {
      const opened = await this.store.reserve(wish);
      if (opened) {
        this.database.afterCommit(() => this.metrics.opened(opened.reservation));
        await this.lowStock.tell(opened.ranLow);
        return answerOf(opened.reservation);
      }
      const found = await this.store.lock(wish.orderId);
      if (!found) throw new Error(`the reservation of order ${wish.orderId} is there and cannot be found`);
      return answerOf(found);
    });
  }

  /** Stops it from expiring. Resolves to false when there is nothing left to hold. */
  async hold(orderId: string): Promise<boolean> {
    return this.decide(orderId, decideHold);
  }

  /** Turns held units into sold ones; throws IllegalMove where none are held. */
  async claim(orderId: string): Promise<void> {
    await this.decide(orderId, decideClaim);
  }

  /** Gives units back and closes the order's reservation for good, also one that was never opened. */
  async release(orderId: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.store.closeUnopened(orderId);
      await this.decide(orderId, decideRelease);
    });
  }

  /** Expires at most `limit` reservations whose time has run out, by the database's clock; resolves to their number. */
  async expireDue(limit: number): Promise<number> {
    return this.database.transaction(async () => {
      const due = await this.store.lockDue(limit);
      if (due.length === 0) return 0;
      await this.store.move(due, 'ACTIVE', 'expire');
      this.database.afterCommit(() => this.metrics.moved('expire', due.length));
      return due.length;
    });
  }

  private async decide(orderId: string, rule: (found: Reservation | undefined) => Decision): Promise<boolean> {
    return this.database.transaction(async () => {
      const found = await this.store.lock(orderId);
      const { move, granted } = rule(found);
      if (found && move) {
        await this.store.move([orderId], found.state, move);
        this.database.afterCommit(() => this.metrics.moved(move, 1));
      }
      return granted;
    });
  }
}
