import { Injectable } from '@nestjs/common';
import type { RunResult } from '#libs/background';
import { Database } from '#libs/database';
import { Log } from '#libs/service';
import { extractTraceContext, withSpan } from '#libs/telemetry';
import { Periodic } from '../periodic.js';
import { ONCE, pauseSeconds } from '../tries.js';
import { AskRefund } from './ask-refund.js';
import { RefundOutcome } from './refund-outcome.js';
import { type DueRefund, RefundsStore } from './refunds.store.js';

const BATCH = 20;
const INTERVAL_MS = 500;

/** Asks for refunds with an unknown result, under their key, until the provider says what became of them. */
@Injectable()
export class FinishRefunds extends Periodic {
  constructor(
    private readonly database: Database,
    private readonly refunds: RefundsStore,
    private readonly provider: AskRefund,
    private readonly outcome: RefundOutcome,
    log: Log,
  ) {
    super(log, { intervalMs: INTERVAL_MS });
  }

  async run(): Promise<RunResult> {
    const claimed = await this.refunds.claimDue(BATCH);
    await Promise.all(claimed.map((due) => this.finish(due).catch((err: unknown) => this.report(due, err))));
    return claimed.length === BATCH ? 'more' : 'done';
  }

  private async finish({ refund, attempts, traceContext }: DueRefund): Promise<void> {
    const context = extractTraceContext(traceContext);
    await withSpan('payments.finish-refund', { context }, async () => {
      const result = await this.provider.ask(refund, ONCE);
      if (result === 'unknown') return this.refunds.retryIn(refund.id, pauseSeconds(attempts));
      await this.database.transaction(async () => this.outcome.reply(await this.outcome.record(refund, result)));
    });
  }

  /** It is claimed again when its ten seconds are over. */
  private report({ refund, attempts }: DueRefund, err: unknown): void {
    const { id: refundId, orderId } = refund;
    this.log.error({ orderId, refundId, attempts, err }, 'refund failed');
  }
}
