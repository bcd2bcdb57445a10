import type { Match } from '#libs/transcoding';
import type { EdgeRequest } from '../http/edge-request.js';
import type { Operations } from '../operations/load-operations.js';
import type { BoundRoute } from '../operations/operation.js';

const FORM = /^\s*application\/x-www-form-urlencoded\s*(;|$)/i;

function isForm({ headers }: EdgeRequest): boolean {
  return FORM.test(headers['content-type'] ?? '');
}

const WITH_FORMS = new Set(['POST', 'PUT', 'PATCH']);

/** Whether the parameters of an operation without a body are also looked for in the form that a request has. */
export function hasFormParameters(request: EdgeRequest, { dialect, route }: BoundRoute): boolean {
  return dialect === 'grpc-gateway' && route.body === 'none' && WITH_FORMS.has(request.method) && isForm(request);
}

/**
 * Where the form of a POST leads in the grpc-gateway dialect: to the operation of the method that X-HTTP-Method-Override names,
 * or, when its path has no POST, to that of GET. Undefined for all other requests.
 */
export function matchForm(request: EdgeRequest, operations: Operations): Match | undefined {
  const { exchange, headers, method } = request;
  if (method !== 'POST' || !isForm(request)) return undefined;
  const named = headers['x-http-method-override'];
  const isLenient = (match: Match) => match.kind === 'route' && operations.of(match.route).dialect === 'grpc-gateway';
  const posted = operations.router.match('POST', exchange.path);
  if (typeof named === 'string' && named !== '') {
    const match = operations.router.match(named.toUpperCase(), exchange.path);
    return isLenient(match) || isLenient(posted) ? match : undefined;
  }
  if (posted.kind === 'route') return undefined;
  const got = operations.router.match('GET', exchange.path);
  return isLenient(got) ? got : undefined;
}
