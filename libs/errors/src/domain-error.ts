import type { ErrorDetails } from './error-details.js';
import { ERRORS, type ErrorCode } from './table.js';

/** One rule that a request breaks, as google.rpc.BadRequest tells it. */
export interface FieldViolation {
  /** Path in json names, e.g. `lines[0].sku`; empty for the request as a whole. */
  field: string;
  /** What is wrong, for a person. */
  description: string;
  /** The rule's id, e.g. `string.min_len`. */
  reason?: string;
}

export interface DomainErrorOptions {
  /** Text for the client in place of the table's; never internals or personal data. */
  message?: string;
  violations?: readonly FieldViolation[];
  retryAfterSeconds?: number;
  /** Machine-readable facts for the client (google.rpc.ErrorInfo.metadata), e.g. `{ state: 'CONFIRMED' }`. */
  metadata?: Readonly<Record<string, string>>;
  /** Further google.rpc details, e.g. quotaViolations. */
  details?: ErrorDetails;
  /** For logs only: never leaves the process. */
  cause?: unknown;
}

/** An error that the caller is told about, by its row in the table. Everything else that is thrown is INTERNAL. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly violations: readonly FieldViolation[];
  readonly retryAfterSeconds: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly details: ErrorDetails;

  constructor(
    readonly code: ErrorCode,
    options: DomainErrorOptions = {},
  ) {
    super(options.message ?? ERRORS[code].text, options.cause === undefined ? undefined : { cause: options.cause });
    this.violations = options.violations ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.metadata = options.metadata ?? {};
    this.details = options.details ?? {};
  }
}
