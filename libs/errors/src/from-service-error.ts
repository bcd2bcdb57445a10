import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack, durationMs } from '@bufbuild/protobuf/wkt';
import { Metadata } from '@grpc/grpc-js';
import { BadRequestSchema, Code, ErrorInfoSchema, RetryInfoSchema, type Status, StatusSchema } from '#libs/contracts';
import type { FieldViolation } from './domain-error.js';
import { type ErrorDetails, unpackDetail } from './error-details.js';
import { STATUS_DETAILS_KEY } from './to-service-error.js';

/** What a failed gRPC call told about itself. */
export interface ReceivedError {
  grpc: Code;
  /** ErrorInfo.reason: an ErrorCode when `domain` is ours, see isErrorCode. */
  reason?: string;
  domain?: string;
  message: string;
  violations: FieldViolation[];
  retryAfterSeconds?: number;
  /** ErrorInfo.metadata. */
  metadata: Record<string, string>;
  /** QuotaFailure, PreconditionFailure, Help, LocalizedMessage. */
  details: ErrorDetails;
  /** The whole google.rpc.Status, where one came. */
  status?: Status;
}

/** Reads what a gRPC client rejected with. Details that cannot be decoded are ignored; never throws. */
export function fromServiceError(error: unknown): ReceivedError {
  const shape = typeof error === 'object' && error !== null ? error : {};
  const received: ReceivedError = {
    grpc: 'code' in shape ? codeOf(shape.code) : Code.UNKNOWN,
    message: 'details' in shape && typeof shape.details === 'string' ? shape.details : '',
    violations: [],
    metadata: {},
    details: {},
  };
  const status = 'metadata' in shape && shape.metadata instanceof Metadata ? statusOf(shape.metadata) : undefined;
  return status ? readDetails(status, { ...received, status }) : received;
}

function codeOf(code: unknown): Code {
  return typeof code === 'number' && code in Code ? code : Code.UNKNOWN;
}

function statusOf(metadata: Metadata): Status | undefined {
  const [bytes] = metadata.get(STATUS_DETAILS_KEY);
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    // A foreign service may use the trailer for something else; code and message still stand.
    return undefined;
  }
}

function readDetails(status: Status, received: ReceivedError): ReceivedError {
  for (const detail of status.details) {
    try {
      const info = anyUnpack(detail, ErrorInfoSchema);
      if (info) Object.assign(received, { reason: info.reason, domain: info.domain, metadata: info.metadata });
      const badRequest = anyUnpack(detail, BadRequestSchema);
      for (const { field, description, reason } of badRequest?.fieldViolations ?? []) {
        received.violations.push(reason ? { field, description, reason } : { field, description });
      }
      const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
      if (delay) received.retryAfterSeconds = durationMs(delay) / 1000;
      received.details = { ...received.details, ...unpackDetail(detail) };
    } catch {
      // An undecodable detail takes nothing from the others.
    }
  }
  return received;
}
