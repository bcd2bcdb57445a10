import { Code } from '#libs/contracts';
import { ADVICE, fromServiceError, isErrorCode } from '#libs/errors';
import { NoAccessError, UsageError } from './usage-error.js';

/** What to say about an error, what to do about it, and the exit code it ends with. */
export interface Explained {
  readonly text: string;
  readonly exitCode: 1 | 2 | 3;
}

const AWAY = 'Is it running? npm run store -- status. Another place: --address SERVICE=HOST:PORT.';

export function explain(error: unknown): Explained {
  if (error instanceof UsageError) return { text: `${error.message}\nSee npm run ops -- --help.`, exitCode: 2 };
  if (error instanceof NoAccessError) return { text: error.message, exitCode: 3 };
  const { grpc, reason, message, violations } = fromServiceError(error);
  if (grpc === Code.UNKNOWN) {
    const text = error instanceof Error ? error.message : String(error);
    return error instanceof Error && error.cause ? { text: `${text}. ${AWAY}`, exitCode: 3 } : { text, exitCode: 1 };
  }
  if (grpc === Code.UNAUTHENTICATED) {
    const next =
      'Use a token that is valid: OPS_TOKEN or --token-file; a new one: npm run ops -- credentials add NAME.';
    return { text: `${message}\n${next}`, exitCode: 3 };
  }
  if (grpc === Code.PERMISSION_DENIED) {
    return {
      text: `${message}\nA credential with it: npm run ops -- credentials add NAME --role operator.`,
      exitCode: 3,
    };
  }
  if (grpc === Code.UNAVAILABLE && !isErrorCode(reason)) return { text: `${message}. ${AWAY}`, exitCode: 3 };
  const broken = violations.map(({ field, description }) => `  ${field} ${description}`);
  const advice = isErrorCode(reason) && violations.length === 0 ? [ADVICE[reason]] : [];
  return { text: [message, ...broken, ...advice].join('\n'), exitCode: 1 };
}
