import { createRequire } from 'node:module';
import { refusalIn } from './refusal.js';

type Work = (place: unknown) => Promise<unknown>;

interface BrokerPool {
  withBroker(work: Work): Promise<unknown>;
}

/**
 * Looking for the coordinator of a group, kafkajs asks one broker after the other, forgets what they say and reports that
 * there is none, which sounds like an outage and is tried again for ever. What was a refusal is thrown instead.
 */
export function keepRefusals(): void {
  const load = createRequire(import.meta.url);
  const { prototype }: { prototype: BrokerPool } = load('kafkajs/src/cluster/brokerPool');
  const ask = prototype.withBroker;
  prototype.withBroker = async function askKeepingRefusals(work) {
    let refusal: unknown;
    const answer = await ask.call(this, (place) =>
      work(place).catch((error: unknown) => {
        if (refusalIn(error)) refusal = error;
        throw error;
      }),
    );
    if (answer === null && refusal !== undefined) throw refusal;
    return answer;
  };
}
