import { create, toBinary } from '@bufbuild/protobuf';
import { type Any, anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { BadRequestSchema, Code, ErrorInfoSchema, RetryInfoSchema, StatusSchema } from '#libs/contracts';
import { DomainError } from './domain-error.js';
import { packDetails } from './error-details.js';
import { ERRORS, type ErrorCode } from './table.js';

/** `domain` of every google.rpc.ErrorInfo of this system. */
export const ERROR_DOMAIN = 'ineedthatfast';

/** The trailer that carries google.rpc.Status (https://grpc.io/docs/guides/error/#richer-error-model). */
export const STATUS_DETAILS_KEY = 'grpc-status-details-bin';

/**
 * Any thrown value as the error that grpc-js sends: a {@link DomainError} by its row with ErrorInfo, BadRequest,
 * RetryInfo and what else it has; everything else as INTERNAL with a text that says nothing. Never throws.
 */
export function toServiceError(error: unknown): ServiceError {
  const domainError = toDomainError(error);
  const code = ERRORS[domainError.code].grpc;
  const metadata = new Metadata();
  const status = create(StatusSchema, {
    code,
    message: domainError.message,
    details: detailsOf(domainError.code, domainError),
  });
  metadata.set(STATUS_DETAILS_KEY, Buffer.from(toBinary(StatusSchema, status)));
  return Object.assign(new Error(domainError.message), {
    code: code as number,
    details: domainError.message,
    metadata,
  });
}

/**
 * Any thrown value as a {@link DomainError}. Failures of a call to another service keep their meaning where the caller
 * can act on it (unavailable, too late, cancelled); their other codes are our own fault, hence INTERNAL.
 */
export function toDomainError(error: unknown): DomainError {
  return error instanceof DomainError ? error : new DomainError(codeOfForeign(error), { cause: error });
}

function codeOfForeign(error: unknown): ErrorCode {
  if (!(error instanceof Error) || !('code' in error) || !('details' in error)) return 'INTERNAL';
  switch (error.code) {
    case Code.UNAVAILABLE:
      return 'UPSTREAM_UNAVAILABLE';
    case Code.DEADLINE_EXCEEDED:
      return 'DEADLINE_EXCEEDED';
    case Code.CANCELLED:
      return 'CANCELLED';
    default:
      return 'INTERNAL';
  }
}

/** What an error says beside its code and its text. */
export interface ErrorFacts extends Pick<DomainError, 'violations' | 'retryAfterSeconds' | 'metadata' | 'details'> {
  /** Whose reasons it has; ours by default. */
  readonly domain?: string | undefined;
}

/** As details of a google.rpc.Status: ErrorInfo, then BadRequest, RetryInfo and what else there is. */
export function detailsOf(reason: string, error: ErrorFacts): Any[] {
  const { domain = ERROR_DOMAIN, metadata } = error;
  const details = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata: { ...metadata } }))];
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map(({ field, description, reason = '' }) => ({
      field,
      description,
      reason,
    }));
    details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (error.retryAfterSeconds !== undefined) {
    const retryDelay = durationFromMs(Math.round(error.retryAfterSeconds * 1000));
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  return [...details, ...packDetails(error.details)];
}
