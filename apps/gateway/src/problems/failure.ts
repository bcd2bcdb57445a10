import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { Code } from '#libs/contracts';
import {
  DomainError,
  ERROR_DOMAIN,
  ERRORS,
  type ErrorCode,
  type ErrorDetails,
  type FieldViolation,
  isErrorCode,
  type ReceivedError,
} from '#libs/errors';

/** An error as a client may see it. */
export interface Failure {
  readonly status: number;
  /** Code of google.rpc.Status. */
  readonly grpc: Code;
  /** Stable, for programs. */
  readonly code: string;
  /** The same for every occurrence of the code. */
  readonly title: string;
  readonly detail: string;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterSeconds: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** ErrorInfo.domain: whose code it is. */
  readonly domain: string | undefined;
  readonly details: ErrorDetails;
  /** Our fault: to be logged with its cause. */
  readonly isFault: boolean;
}

/** What a service answered instead of a message. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';

  constructor(
    readonly operation: string,
    readonly received: ReceivedError,
    cause: unknown,
  ) {
    super(`${operation} failed: ${Code[received.grpc]}`, { cause });
  }
}

/** An error whose answer needs a header of its own. */
export class RefusalWithHeaders extends DomainError {
  constructor(
    code: ErrorCode,
    readonly headers: Readonly<Record<string, string>>,
    message?: string,
  ) {
    super(code, message === undefined ? {} : { message });
  }
}

/** A path that exists with other methods. */
export class MethodNotAllowed extends RefusalWithHeaders {
  constructor(allow: string) {
    super('METHOD_NOT_ALLOWED', { allow });
  }
}

/** Any thrown value as what a client may see of it. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof DomainError) return fromRow(error.code, error);
  if (error instanceof UpstreamFailure) return fromUpstream(error.received);
  return fromRow(codeOfHttpError(error), {});
}

type Details = Partial<Pick<Failure, 'violations' | 'retryAfterSeconds' | 'metadata' | 'details'>> & {
  message?: string;
};

function fromRow(code: ErrorCode, told: Details): Failure {
  const { message, violations = [], retryAfterSeconds, metadata = {}, details = {} } = told;
  const { http: status, grpc, text: title } = ERRORS[code];
  return {
    status,
    grpc,
    code,
    title,
    violations,
    metadata,
    details,
    domain: ERROR_DOMAIN,
    detail: message || title,
    retryAfterSeconds: retryAfterOf(status, retryAfterSeconds),
    isFault: status === 500,
  };
}

// What the client's library made of a broken connection names addresses; what a service says of its own faults is for
// its operators. Their text is ours.
const TEXT_BY_CODE = new Map<Code, ErrorCode>([
  [Code.CANCELLED, 'CANCELLED'],
  [Code.UNKNOWN, 'INTERNAL'],
  [Code.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [Code.UNIMPLEMENTED, 'UNIMPLEMENTED'],
  [Code.INTERNAL, 'INTERNAL'],
  [Code.UNAVAILABLE, 'UPSTREAM_UNAVAILABLE'],
  [Code.DATA_LOSS, 'INTERNAL'],
]);

// google/rpc/code.proto
const STATUS_BY_CODE = new Map<Code, number>([
  [Code.INVALID_ARGUMENT, 400],
  [Code.FAILED_PRECONDITION, 400],
  [Code.OUT_OF_RANGE, 400],
  [Code.UNAUTHENTICATED, 401],
  [Code.PERMISSION_DENIED, 403],
  [Code.NOT_FOUND, 404],
  [Code.ALREADY_EXISTS, 409],
  [Code.ABORTED, 409],
  [Code.RESOURCE_EXHAUSTED, 429],
]);

function fromUpstream({ grpc, reason, domain, ...told }: ReceivedError): Failure {
  if (domain === ERROR_DOMAIN && isErrorCode(reason)) return fromRow(reason, told);
  const own = TEXT_BY_CODE.get(grpc);
  if (own) return fromRow(own, { retryAfterSeconds: told.retryAfterSeconds });
  const status = STATUS_BY_CODE.get(grpc) ?? 500;
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    status,
    grpc,
    title,
    domain,
    violations: told.violations,
    metadata: told.metadata,
    details: told.details,
    code: reason ?? Code[grpc] ?? 'UNKNOWN',
    detail: told.message || title,
    retryAfterSeconds: retryAfterOf(status, told.retryAfterSeconds),
    isFault: status === 500,
  };
}

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'ROUTE_NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'THROTTLED',
  431: 'HEADERS_TOO_LARGE',
};

/** Errors of Nest (a guard that says no), which bear an HTTP status; all else is a fault of ours. */
function codeOfHttpError(error: unknown): ErrorCode {
  return CODE_BY_STATUS[error instanceof HttpException ? error.getStatus() : 500] ?? 'INTERNAL';
}

function retryAfterOf(status: number, seconds: number | undefined): number | undefined {
  if (seconds !== undefined) return Math.max(1, Math.ceil(seconds));
  return status === 503 || status === 429 ? 1 : undefined;
}
