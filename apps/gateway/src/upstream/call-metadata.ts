import type { IncomingHttpHeaders } from 'node:http';
import { Metadata } from '@grpc/grpc-js';
import type { Context } from '@opentelemetry/api';
import { injectTraceContext } from '#libs/telemetry';

export interface CallMetadata {
  /** Undefined where the upstream is to learn nothing of who calls. */
  readonly authorization: string | undefined;
  readonly context: Context;
  readonly idempotencyKey: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names of the request headers that are passed on. */
  readonly forward: readonly string[];
}

/**
 * All that a service learns besides the message: who calls, the trace, the idempotency key, and the headers
 * that the configuration lists. Nothing else that a client sends gets here.
 */
export function callMetadata({ authorization, context, idempotencyKey, headers, forward }: CallMetadata): Metadata {
  const metadata = new Metadata();
  for (const name of forward) {
    const value = headers[name];
    // HTTP/2 refuses what is not printable ASCII: dropped, not thrown.
    if (typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)) metadata.set(name, value);
  }
  for (const [name, value] of Object.entries(injectTraceContext(context))) metadata.set(name, value);
  if (idempotencyKey !== undefined) metadata.set('idempotency-key', idempotencyKey);
  if (authorization !== undefined) metadata.set('authorization', authorization);
  return metadata;
}
