import { Injectable } from '@nestjs/common';
import type { RunResult } from '#libs/background';
import { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import { LedgerStore } from './ledger.store.js';
import { Periodic } from './periodic.js';

const INTERVAL_MS = 15_000;
/** It takes at most one part in so many of the time, however long the ledger grows. */
const SHARE = 100;

const imbalance = meter('payments').createGauge('payments_ledger_imbalance', {
  description: 'Sum over all postings of the ledger, in the smallest unit of the currency. Always 0.',
});

/**
 * Sums the whole ledger. The database refuses every entry that is off balance: this looks whether that holds, also after
 * a restore or a change by hand.
 */
@Injectable()
export class CheckLedger extends Periodic {
  private notBefore = 0;

  constructor(
    private readonly ledger: LedgerStore,
    log: Log,
  ) {
    super(log, { firstAfterMs: 1_000, intervalMs: INTERVAL_MS });
  }

  async run(): Promise<RunResult> {
    const startedAt = performance.now();
    if (startedAt < this.notBefore) return 'done';
    for (const { currency, sum } of await this.ledger.balances()) {
      imbalance.record(sum, { currency });
      if (sum !== 0) this.log.error({ currency, sum }, 'the ledger is off balance');
    }
    const now = performance.now();
    this.notBefore = now + SHARE * (now - startedAt);
    return 'done';
  }
}
