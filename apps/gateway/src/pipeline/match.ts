import { DomainError } from '#libs/errors';
import type { Match } from '#libs/transcoding';
import type { EdgeRequest } from '../http/edge-request.js';
import type { Exchange } from '../http/exchange.js';
import type { Operations } from '../operations/load-operations.js';
import { MethodNotAllowed, RefusalWithHeaders } from '../problems/failure.js';
import { hasFormParameters, matchForm } from './method-override.js';

/** What to do with a request: go on with its route, or tell the methods of its path. */
export type Matched = { readonly kind: 'route' } | { readonly kind: 'options'; readonly allow: string };

/** Finds the route, on the path as it was sent. From here on the policy of that route holds, whatever the path says. */
export function match(request: EdgeRequest, operations: Operations): Matched {
  const { exchange, method } = request;
  const byForm = operations.isLenient ? matchForm(request, operations) : undefined;
  const matched = settle(exchange, byForm ?? operations.router.match(method, exchange.path), operations);
  const { bound } = exchange;
  if (operations.isLenient && bound) exchange.hasForm = byForm !== undefined || hasFormParameters(request, bound);
  return matched;
}

/** {@link match} of a request for a WebSocket, which is always a GET: by the path alone. */
export function matchSocket(exchange: Exchange, operations: Operations): Matched {
  return settle(exchange, operations.sockets.match('GET', exchange.path), operations);
}

function settle(exchange: Exchange, matched: Match, operations: Operations): Matched {
  switch (matched.kind) {
    case 'not-found':
      throw new DomainError('ROUTE_NOT_FOUND');
    case 'method-not-allowed':
      throw notAllowed(matched.allow.join(', '), operations.dialectAt(exchange.path));
    case 'options':
      return { kind: 'options', allow: matched.allow.join(', ') };
    case 'route':
      exchange.bound = operations.of(matched.route);
      exchange.variables = matched.variables;
      return { kind: 'route' };
  }
}

/** Clients of grpc-gateway know 501 for it. */
function notAllowed(allow: string, dialect: string): Error {
  if (dialect !== 'grpc-gateway') return new MethodNotAllowed(allow);
  return new RefusalWithHeaders('UNIMPLEMENTED', { allow }, 'Method Not Allowed');
}
