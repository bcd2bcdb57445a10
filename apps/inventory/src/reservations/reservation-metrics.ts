import { Injectable } from '@nestjs/common';
import { meter } from '#libs/telemetry';
import type { Reservation, ReservationMove } from './reservation.js';

const OUTCOMES: Readonly<Record<ReservationMove, string>> = {
  hold: 'held',
  claim: 'claimed',
  release: 'released',
  expire: 'expired',
};

/** Counts what was committed; after a crash a count may be missing, never the change itself. */
@Injectable()
export class ReservationMetrics {
  private readonly reservations = meter('inventory').createCounter('inventory_reservations', {
    description: 'Reservations by outcome: reserved, rejected (with the reason), held, claimed, released, expired.',
  });

  opened({ rejection }: Reservation): void {
    if (rejection) this.reservations.add(1, { outcome: 'rejected', reason: rejection.reason });
    else this.reservations.add(1, { outcome: 'reserved' });
  }

  moved(move: ReservationMove, count: number): void {
    this.reservations.add(count, { outcome: OUTCOMES[move] });
  }
}
