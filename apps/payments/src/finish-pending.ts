import { Injectable } from '@nestjs/common';
import type { RunResult } from '#libs/background';
import { Database } from '#libs/database';
import { Log } from '#libs/service';
import { extractTraceContext, withSpan } from '#libs/telemetry';
import { type Due, DueStore } from './due.store.js';
import type { Payment } from './payment.js';
import { PaymentMoves } from './payment-moves.js';
import { PaymentsStore } from './payments.store.js';
import { Periodic } from './periodic.js';
import { ProviderCalls } from './provider-calls.js';
import { Replies } from './replies.js';
import { ONCE, pauseSeconds } from './tries.js';

const BATCH = 20;
const INTERVAL_MS = 500;
const MAX_PAUSE_SECONDS = 10;

/** One pending operation: the call, then its result in one transaction. */
@Injectable()
export class PendingWork {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentsStore,
    private readonly calls: ProviderCalls,
    private readonly moves: PaymentMoves,
    private readonly replies: Replies,
  ) {}

  async finish({ payment, attempts, traceContext }: Due): Promise<void> {
    const context = extractTraceContext(traceContext);
    await withSpan('payments.finish-pending', { context }, async () => {
      const done = await this.call(payment).catch(async (error: unknown) => {
        await this.payments.retryIn(payment.orderId, MAX_PAUSE_SECONDS);
        throw error;
      });
      if (!done) return this.payments.retryIn(payment.orderId, pauseSeconds(attempts));
      await this.database.transaction(() => this.record(payment.orderId));
    });
  }

  private call(payment: Payment): Promise<boolean> {
    return payment.pending === 'CAPTURE' ? this.calls.capture(payment, ONCE) : this.calls.cancel(payment, ONCE);
  }

  /** The reply to a capture is owed by whoever records it; a cancel was answered when it was decided. */
  private async record(orderId: string): Promise<void> {
    const payment = await this.payments.lock(orderId);
    if (payment?.pending === 'CANCEL') await this.moves.released(payment);
    if (payment?.pending !== 'CAPTURE') return;
    await this.moves.move(payment, 'capture');
    await this.replies.captured(orderId);
  }
}

/** Repeats captures and cancels until the provider has acknowledged them, however long it is away. */
@Injectable()
export class FinishPending extends Periodic {
  constructor(
    private readonly due: DueStore,
    private readonly work: PendingWork,
    log: Log,
  ) {
    super(log, { intervalMs: INTERVAL_MS });
  }

  async run(): Promise<RunResult> {
    const claimed = await this.due.claimRetries(BATCH);
    await Promise.all(claimed.map((due) => this.work.finish(due).catch((err: unknown) => this.report(due, err))));
    return claimed.length === BATCH ? 'more' : 'done';
  }

  private report({ payment, attempts }: Due, err: unknown): void {
    const { orderId, pending } = payment;
    this.log.error({ orderId, pending, attempts, err }, 'pending operation failed');
  }
}
