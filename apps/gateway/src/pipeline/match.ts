import { DomainError } from '#libs/errors';
import type { Match } from '#libs/transcoding';
import type { Exchange } from '../http/exchange.js';
import type { Operations } from '../operations/load-operations.js';
import { MethodNotAllowed } from '../problems/failure.js';

/** What to do with a request: go on with its route, or tell the methods of its path. */
export type Matched = { readonly kind: 'route' } | { readonly kind: 'options'; readonly allow: string };

/** Finds the route, on the path as it was sent. From here on the policy of that route holds, whatever the path says. */
export function match(exchange: Exchange, method: string, operations: Operations): Matched {
  return settle(exchange, operations.router.match(method, exchange.path), operations);
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
      throw new MethodNotAllowed(matched.allow.join(', '));
    case 'options':
      return { kind: 'options', allow: matched.allow.join(', ') };
    case 'route':
      exchange.bound = operations.of(matched.route);
      exchange.variables = matched.variables;
      return { kind: 'route' };
  }
}
