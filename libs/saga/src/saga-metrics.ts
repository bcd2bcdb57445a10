import { meter } from '#libs/telemetry';
import type { SagaEnd } from './next.js';
import type { SagaStore } from './saga.store.js';

/** Counters of this process, and gauges read from the database: every replica reports the same open instances. */
export class SagaMetrics {
  private readonly counters;

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
    const open = sagas.createObservableGauge('saga_open', { description: 'Sagas that did not end yet' });
    const oldest = sagas.createObservableGauge('saga_oldest_open_age', {
      description: 'Age of the oldest saga that did not end yet',
      unit: 's',
    });
    sagas.addBatchObservableCallback(
      async (result) => {
        const now = await this.store.open();
        result.observe(open, now.count, { saga });
        result.observe(oldest, now.oldestSeconds, { saga });
      },
      [open, oldest],
    );
  }

  started(): void {
    this.counters.started.add(1, { saga: this.saga });
  }

  ended(end: SagaEnd): void {
    const cause = end.phase === 'completed' ? 'none' : end.cause.kind;
    this.counters.ended.add(1, { saga: this.saga, outcome: end.phase, cause });
  }

  ignored(message: string): void {
    this.counters.ignored.add(1, { saga: this.saga, message });
  }
}
