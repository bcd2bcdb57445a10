import { create, createRegistry, toJsonString } from '@bufbuild/protobuf';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  HelpSchema,
  LocalizedMessageSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
  StatusSchema,
} from '#libs/contracts';
import { detailsOf } from '#libs/errors';
import type { Failure } from './failure.js';

const registry = createRegistry(
  ...[BadRequestSchema, ErrorInfoSchema, RetryInfoSchema, QuotaFailureSchema, PreconditionFailureSchema],
  ...[HelpSchema, LocalizedMessageSchema],
);

/** A failure as grpc-gateway tells it: google.rpc.Status in JSON, with the details in full. */
export function statusBody(failure: Failure): Buffer {
  const { code, domain, grpc } = failure;
  // A service that gave no reason has none, and the time to try again is a guess of the gateway: in its header.
  const isBare = domain === undefined;
  const all = detailsOf(code, { ...failure, ...(isBare && { retryAfterSeconds: undefined }) });
  const details = isBare ? all.slice(1) : all;
  const status = create(StatusSchema, { code: grpc, message: messageOf(failure), details });
  return Buffer.from(toJsonString(StatusSchema, status, { registry, alwaysEmitImplicit: true }));
}

/** Clients of grpc-gateway look for what is wrong in the text. */
function messageOf({ detail, violations }: Failure): string {
  const told = violations.map(({ field, description }) => (field === '' ? description : `${field}: ${description}`));
  return told.length > 0 ? `${detail} ${told.join('; ')}` : detail;
}
