import { Inject, Injectable } from '@nestjs/common';
import type { RunResult } from '#libs/background';
import { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import { type Due, DueStore } from './due.store.js';
import { LedgerStore } from './ledger.store.js';
import type { Payment } from './payment.js';
import { Periodic } from './periodic.js';
import { PAYMENT_PROVIDER, type PaymentProvider, ProviderUnavailableError } from './provider.js';
import { driftOf, heldInVain } from './reconciliation.js';
import { RefundsStore } from './refund-payment/refunds.store.js';

const BATCH = 20;
const INTERVAL_MS = 5_000;
/** Between full batches: after a rush it catches up without being a load of its own. */
const PAUSE_MS = 400;
const STUCK_SECONDS = 120;

const metrics = meter('payments');
const checked = metrics.createCounter('payments_reconciled_total', {
  description: 'Final payments compared with the ledger and the provider.',
});
const drifts = metrics.createCounter('payments_drift_total', {
  description:
    'Sums in which the ledger or the provider disagreed with a payment. Above 0: money is not where it should be.',
});
const stuck = metrics.createGauge('payments_stuck', {
  description: `Payments and refunds that have waited for the provider for more than ${STUCK_SECONDS} s.`,
});

/**
 * Compares each payment that is over with the ledger and with what the provider says, once; where they disagree, it
 * reports that, lets go what is held in vain, and looks again.
 */
@Injectable()
export class Reconcile extends Periodic {
  constructor(
    private readonly due: DueStore,
    private readonly ledger: LedgerStore,
    private readonly refunds: RefundsStore,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    log: Log,
  ) {
    super(log, { intervalMs: INTERVAL_MS, moreAfterMs: PAUSE_MS });
  }

  async run(): Promise<RunResult> {
    stuck.record(await this.due.countStuck(STUCK_SECONDS));
    const claimed = await this.due.claimReconciliations(BATCH);
    const results = await Promise.allSettled(claimed.map((due) => this.compare(due)));
    for (const result of results) if (result.status === 'rejected') this.report(result.reason);
    const goesOn = claimed.length === BATCH && results.every(({ status }) => status === 'fulfilled');
    return goesOn ? 'more' : 'done';
  }

  /** A pending operation, or a refund meanwhile, is not yet a disagreement: the payment comes round again. */
  private async compare({ payment }: Due): Promise<void> {
    if (payment.pending) return;
    const { orderId, id: paymentId } = payment;
    const atProvider = await this.provider.find(orderId, AbortSignal.timeout(2_000));
    const drift = driftOf(payment, await this.ledger.sums(orderId), atProvider);
    if (!(await this.isSettled(payment))) return;
    checked.add(1);
    if (drift.length === 0) return this.due.reconciled(payment);
    for (const { book, sum, expected, found } of drift) {
      drifts.add(1, { book, sum });
      this.log.error({ paymentId, orderId, book, sum, expected, found }, 'payment drifts');
    }
    for (const { id } of heldInVain(payment, atProvider)) {
      const key = `order-${orderId}-release-${id}`;
      await this.provider.cancel(id, { key, signal: AbortSignal.timeout(2_000) });
      this.log.error({ paymentId, orderId, providerPaymentId: id }, 'let go what the provider held in vain');
    }
  }

  /**
   * Whether the books were read without a refund in between. Asked afterwards, and in this order: one that was on when they
   * were read either still is, or has changed the payment.
   */
  private async isSettled(payment: Payment): Promise<boolean> {
    return !(await this.refunds.hasPending(payment.orderId)) && (await this.due.isAsClaimed(payment));
  }

  private report(err: unknown): void {
    if (err instanceof ProviderUnavailableError) this.log.warn({ err }, 'reconciliation waits for the provider');
    else this.log.error({ err }, 'reconciliation failed');
  }
}
