import type { KafkaSecurity } from './security.js';

/** Who asked. */
interface Asker {
  readonly security?: KafkaSecurity | undefined;
}

/** Kafka answers, and the answer is no: waiting alone mends nothing. */
export class KafkaRefusedError extends Error {
  override readonly name = 'KafkaRefusedError';

  constructor(
    /** `credentials`: it does not know us. `rights`: it knows us, and we may not. */
    readonly because: 'credentials' | 'rights',
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Protocol errors of Kafka by which it refuses somebody. */
const BECAUSE: Readonly<Record<string, KafkaRefusedError['because']>> = {
  SASL_AUTHENTICATION_FAILED: 'credentials',
  UNSUPPORTED_SASL_MECHANISM: 'credentials',
  TOPIC_AUTHORIZATION_FAILED: 'rights',
  GROUP_AUTHORIZATION_FAILED: 'rights',
  CLUSTER_AUTHORIZATION_FAILED: 'rights',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'rights',
};

/** Runs what asks Kafka for something; `wanted` is what it tries, e.g. `write orders.order.v1`. See `explainRefusal`. */
export async function orRefused<T>(asker: Asker, wanted: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainRefusal(error, asker, wanted);
  }
}

/** A refusal in words that say who lacks what and what to do; every other error as it is. */
export function explainRefusal(error: unknown, { security }: Asker, wanted: string): unknown {
  const credentials = security?.credentials;
  const code = refusalIn(error);
  const because = code && BECAUSE[code];
  if (!because) return error;
  const who = `User:${credentials?.username ?? 'ANONYMOUS'}`;
  return new KafkaRefusedError(
    because,
    because === 'credentials'
      ? `Kafka does not take the password of ${who} (${code}): check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM`
      : `Kafka does not let ${who} ${wanted} (${code}): ${remedy(credentials !== undefined)}`,
    error,
  );
}

const remedy = (named: boolean): string =>
  named
    ? "run the migrate job with an administrator's KAFKA_USERNAME, it grants each service what the contracts say"
    : 'set KAFKA_USERNAME and KAFKA_PASSWORD';

/** kafkajs wraps what the broker said once or twice, and collects what it said of several topics. */
export function refusalIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('type' in error && typeof error.type === 'string' && error.type in BECAUSE) return error.type;
  if (error.name === 'KafkaJSSASLAuthenticationError') return 'SASL_AUTHENTICATION_FAILED';
  const parts: readonly unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [error.cause, ...parts].map(refusalIn).find((found) => found !== undefined);
}
