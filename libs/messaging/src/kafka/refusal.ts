import type { KafkaSecurity } from './security.js';

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

/**
 * A refusal in words that say who lacks what and what to do; every other error as it is.
 * `wanted` is what was tried, e.g. `to write orders.order.v1`.
 */
export function explainRefusal(error: unknown, { credentials }: KafkaSecurity = {}, wanted: string): unknown {
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

/** kafkajs wraps what the broker said once or twice. */
function refusalIn(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('type' in one && typeof one.type === 'string' && one.type in BECAUSE) return one.type;
    if (one.name === 'KafkaJSSASLAuthenticationError') return 'SASL_AUTHENTICATION_FAILED';
  }
  return undefined;
}
