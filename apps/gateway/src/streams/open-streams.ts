import { DomainError } from '#libs/errors';
import { ANONYMOUS } from '#libs/identity';
import { meter } from '#libs/telemetry';
import type { EdgeRequest } from '../http/edge-request.js';

const streams = meter('gateway').createUpDownCounter('gateway.streams.open', { description: 'Streams that are open' });
const refused = meter('gateway').createCounter('gateway.streams.refused', {
  description: 'Streams refused since their caller had too many',
});

/** Counts the streams that each caller keeps open at this gateway. */
export class OpenStreams {
  private readonly byCaller = new Map<string, number>();

  constructor() {
    streams.add(0);
    refused.add(0);
  }

  /** {@link enter} for who sends this request. Throws CANCELLED when it is not there any more. */
  admit({ exchange, ip }: EdgeRequest): () => void {
    // Its connection has been closed already: a place that it took would never be given back.
    if (exchange.clientGone.aborted) throw new DomainError('CANCELLED');
    const subject = exchange.caller?.subject ?? '';
    return this.enter(subject === ANONYMOUS ? ip : subject, exchange.deployment.config.streams.perCaller);
  }

  /** Takes a place for one stream and returns how to give it back. Throws TOO_MANY_STREAMS when `limit` are taken. */
  enter(caller: string, limit: number): () => void {
    const open = this.byCaller.get(caller) ?? 0;
    if (open >= limit) {
      refused.add(1);
      const quota = { subject: 'streams', description: `${limit} streams may be open at once.` };
      throw new DomainError('TOO_MANY_STREAMS', {
        retryAfterSeconds: 1,
        metadata: { limit: String(limit) },
        details: { quotaViolations: [quota] },
      });
    }
    this.byCaller.set(caller, open + 1);
    streams.add(1);
    let isIn = true;
    return () => {
      if (isIn) this.leave(caller);
      isIn = false;
    };
  }

  private leave(caller: string): void {
    streams.add(-1);
    const left = (this.byCaller.get(caller) ?? 1) - 1;
    if (left > 0) this.byCaller.set(caller, left);
    else this.byCaller.delete(caller);
  }
}
