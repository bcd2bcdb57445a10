import { type Message, toBinary } from '@bufbuild/protobuf';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#libs/errors';
import { fingerprintOf } from '#libs/idempotency';
import { readText, writeText } from '#libs/transcoding';
import type { Exchange } from '../http/exchange.js';
import type { BoundRoute } from '../operations/operation.js';
import { preferredWait } from './prefer.js';

/** A request in the terms of its RPC. */
export interface BoundRequest {
  readonly message: Message;
  /** Of the request without Prefer; empty where the operation takes no idempotency keys. */
  readonly fingerprint: Uint8Array;
  /** What `timeout` allows, and the time that the client is ready to wait. */
  readonly timeoutMs: number;
}

/** Turns path, query, body and the headers that a policy names into the request message. Throws what the codec throws. */
export function bind(bound: BoundRoute, exchange: Exchange, body: Uint8Array, reply: FastifyReply): BoundRequest {
  const { operation, codec } = bound;
  const { rpc, name, idempotency, preferWait } = operation;
  const message = codec.decode({ variables: exchange.variables, query: exchange.query, body });
  const fingerprint = idempotency ? fingerprintOf(name, toBinary(rpc.input, message)) : new Uint8Array();
  takeLastEventId(bound, message, reply.request);
  if (!preferWait) return { message, fingerprint, timeoutMs: operation.timeoutMs };
  const wait = preferredWait(reply.request.headers.prefer);
  if (wait !== undefined) {
    writeText(rpc.input, message, [preferWait, String(wait)]);
    reply.header('preference-applied', `wait=${wait}`);
  }
  const waitSeconds = Math.max(0, Number(readText(rpc.input, message, preferWait)));
  return { message, fingerprint, timeoutMs: operation.timeoutMs + waitSeconds * 1000 };
}

function takeLastEventId({ operation }: BoundRoute, message: Message, { headers }: FastifyRequest): void {
  const field = operation.stream?.resume;
  const id = headers['last-event-id'];
  if (!field || typeof id !== 'string' || id === '') return;
  try {
    writeText(operation.rpc.input, message, [field, id]);
  } catch (cause) {
    const violations = [{ field: 'Last-Event-ID', description: 'is no id of an event of this stream' }];
    throw new DomainError('VALIDATION_FAILED', { violations, cause });
  }
}
