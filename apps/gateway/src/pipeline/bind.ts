import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '#libs/errors';
import { fingerprintOf } from '#libs/idempotency';
import type { HttpInput, RequestMessage } from '#libs/transcoding';
import type { EdgeRequest } from '../http/edge-request.js';
import type { Exchange } from '../http/exchange.js';
import type { BoundRoute } from '../operations/operation.js';
import { clientTimeoutMs } from './client-deadline.js';
import { preferredWait } from './prefer.js';

/** A request in the terms of its RPC. */
export interface BoundRequest {
  readonly message: RequestMessage;
  /** Of the request without Prefer; empty where the operation takes no idempotency keys. */
  readonly fingerprint: Uint8Array;
  /** What `timeout` allows, and the time that the client is ready to wait; less where the client's own deadline is sooner. */
  readonly timeoutMs: number;
  /** The deadline that the client set, where it is the sooner one. */
  readonly clientTimeoutMs: number | undefined;
  /** Value of Preference-Applied, for an answer that is not replayed. */
  readonly preference: string | undefined;
}

/** Turns path, query, body and the headers that a policy names into the request message. Throws what the codec throws. */
export function bind(bound: BoundRoute, request: EdgeRequest, body: Uint8Array): BoundRequest {
  const { exchange, headers } = request;
  const { operation, codec } = bound;
  const { name, idempotency, preferWait } = operation;
  const { variables, query, hasForm } = exchange;
  const input = hasForm ? withForm(exchange, body) : { variables, query, body, contentType: headers['content-type'] };
  const sent = codec.decode(input);
  const fingerprint = idempotency ? fingerprintOf(name, sent.bytes) : new Uint8Array();
  const resumed = takeLastEventId(bound, sent, headers);
  if (!preferWait) {
    return { message: resumed, fingerprint, ...timeLimit(operation.timeoutMs, request), preference: undefined };
  }
  const wait = preferredWait(headers.prefer);
  const message = wait === undefined ? resumed : resumed.with(preferWait, String(wait));
  const waitSeconds = Math.max(0, Number(message.text(preferWait)));
  const limit = timeLimit(operation.timeoutMs + waitSeconds * 1000, request);
  return { message, fingerprint, ...limit, preference: wait === undefined ? undefined : `wait=${wait}` };
}

/** The parameters of a form go before those of the query. */
function withForm({ variables, query }: Exchange, form: Uint8Array): HttpInput {
  const parameters = [Buffer.from(form).toString(), query].filter((text) => text !== '');
  return { variables, query: parameters.join('&'), body: new Uint8Array() };
}

/** The client's deadline counts from when its request came in. */
export function timeLimit(routeMs: number, { exchange, headers }: EdgeRequest) {
  const asked = clientTimeoutMs(headers['request-timeout']);
  const left = asked === undefined ? routeMs : asked - (performance.now() - exchange.startedAt);
  if (left >= routeMs) return { timeoutMs: routeMs, clientTimeoutMs: undefined };
  return { timeoutMs: Math.max(1, left), clientTimeoutMs: asked };
}

function takeLastEventId(
  { operation }: BoundRoute,
  message: RequestMessage,
  headers: IncomingHttpHeaders,
): RequestMessage {
  const field = operation.stream?.resume;
  const id = headers['last-event-id'];
  if (!field || typeof id !== 'string' || id === '') return message;
  try {
    return message.with(field, id);
  } catch (cause) {
    const violations = [{ field: 'Last-Event-ID', description: 'is no id of an event of this stream' }];
    throw new DomainError('VALIDATION_FAILED', { violations, cause });
  }
}
