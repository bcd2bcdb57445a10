import type { Context, Span } from '@opentelemetry/api';
import { Cancellation } from '#libs/calls';
import type { Deployment } from '../deployments/deployment.js';
import type { BoundRoute } from '../operations/operation.js';
import type { Failure } from '../problems/failure.js';
import type { CallerSession } from '../sessions/caller-session.js';

/** Who calls, as far as the gateway has verified. */
export interface Caller {
  /** User id, or `anonymous`. */
  readonly subject: string;
  readonly scopes: readonly string[];
  /** The `sid` claim of the access token; undefined where it has none. */
  readonly sessionId?: string | undefined;
  /** Where the issuer tells which sessions have ended. */
  readonly session?: CallerSession | undefined;
  /** Epoch milliseconds; undefined for anonymous callers. */
  readonly expiresAt: number | undefined;
}

/** What clients reach the listener by. */
export type Scheme = 'http' | 'https';

/** One request on its way through the gateway. The stages fill it in, in order. */
export class Exchange {
  readonly startedAt = performance.now();
  readonly path: string;
  /** Without the `?`. */
  readonly query: string;
  /** Aborted when the client goes away before its answer is complete. */
  readonly clientGone = new Cancellation();

  /** Set by match. */
  bound: BoundRoute | undefined;
  /** Values of the path's variables, still percent-encoded. */
  variables: readonly string[] = [];
  /** Set by match: the body is a form with parameters of the operation, and no message. */
  hasForm = false;
  /** Set by authenticate. */
  caller: Caller | undefined;
  /** Milliseconds that the service took; set by call. */
  upstreamMs: number | undefined;
  /** What the client was told instead of an answer. */
  failure: Failure | undefined;
  replayed = false;
  readonly span: Span;
  readonly context: Context;
  readonly scheme: Scheme;

  constructor(
    target: string,
    /** What the gateway served when the request came in; it stays with that to its end. */
    readonly deployment: Deployment,
    { span, context, scheme }: { span: Span; context: Context; scheme: Scheme },
  ) {
    this.span = span;
    this.context = context;
    this.scheme = scheme;
    const [path, query] = splitTarget(target);
    this.path = path;
    this.query = query;
  }
}

/** Path and query of a request target as sent: nothing is decoded or normalized. */
function splitTarget(target: string): [string, string] {
  // The absolute form (RFC 9112, 3.2.2), which every server has to take.
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? '';
  const rest = target.slice(origin.length);
  const mark = rest.indexOf('?');
  return mark === -1 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)];
}
