import { type CheckOptions, checkInvariants } from './check-invariants.js';
import type { Violation } from './rule.js';

/** What stack.json says about the servers of a running store. */
export interface Stack {
  readonly postgres: { readonly url: string };
  readonly kafka: { readonly brokers: string; readonly credentials?: CheckOptions['kafkaCredentials'] };
}

/** Checks the store that `npm start` (or a test) runs, see checkInvariants. */
export function checkStore(
  { postgres, kafka }: Stack,
  options: Pick<CheckOptions, 'patienceSeconds' | 'topicPrefix' | 'kafkaCredentials'> = {},
): Promise<Violation[]> {
  const { url } = postgres;
  return checkInvariants({
    databaseUrls: { orders: url, inventory: url, payments: url, payment_simulator: url, gateway: url },
    kafkaBrokers: kafka.brokers.split(','),
    kafkaCredentials: kafka.credentials,
    ...options,
  });
}
