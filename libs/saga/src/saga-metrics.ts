import type { Histogram } from '@opentelemetry/api';
import { meter } from '#libs/telemetry';
import type { SagaEnd } from './next.js';
import type { SagaStore } from './saga.store.js';

/** Counters of this process, and gauges read from the database: every replica reports the same open instances. */
export class SagaMetrics {
  private readonly counters;
  private readonly duration: Histogram;

  constructor(
    private readonly saga: string,
    private readonly store: SagaStore,
  ) {
    const sagas = meter('saga');
    this.counters = {
      started: sagas.createCounter('saga_started', { description: 'Sagas that began' }),
      ended: sagas.createCounter('saga_ended', { description: 'Sagas that ended, by outcome and cause' }),
      ignored: sagas.createCounter('saga_ignored_messages', { description: 'Late and repeated messages of sagas' }),
    };
    this.duration = sagas.createHistogram('saga_duration', {
      description: 'From the beginning of a saga to its end',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200] },
    });
    const open = sagas.createObservableGauge('saga_open', { description: 'Sagas that did not end yet' });
    const oldest = sagas.createObservableGauge('saga_oldest_open_age', {
      description: 'Age of the oldest saga that did not end yet',
      unit: 's',
    });
    sagas.addBatchObservableCallback(
      async (result) => {
        // Without a database there is no number to tell, and no reason to fail the other metrics.
        const now = await this.store.open().catch(() => undefined);
        if (!now) return;
        result.observe(open, now.count, { saga });
        result.observe(oldest, now.oldestSeconds, { saga });
      },
      [open, oldest],
    );
  }

  started(): void {
    this.counters.started.add(1, { saga: this.saga });
  }

  ended(end: SagaEnd, seconds: number): void {
    this.duration.record(seconds, { saga: this.saga, outcome: end.phase });
    const cause = end.phase === 'completed' ? 'none' : end.cause.kind;
    this.counters.ended.add(1, { saga: this.saga, outcome: end.phase, cause });
  }

  ignored(message: string): void {
    this.counters.ignored.add(1, { saga: this.saga, message });
  }
}
