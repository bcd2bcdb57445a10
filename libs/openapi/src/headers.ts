import type { Policy } from '#libs/contracts';
import type { JsonObject } from './json.js';

const text = (description: string, schema: JsonObject = { type: 'string' }): JsonObject => ({ description, schema });
const number = (description: string) => text(description, { type: 'integer', minimum: 0 });

/** Response headers that operations share. */
export const SHARED_HEADERS: JsonObject = {
  Traceresponse: text('The trace of this request, as `00-<trace id>-<span id>-<flags>` (W3C Trace Context 2).'),
  Location: text('The path of what was made.', { type: 'string', format: 'uri-reference' }),
  PreferenceApplied: text('The preference that was followed (RFC 7240).'),
  IdempotentReplayed: text('`true` when this is the stored answer to an earlier request with the same key.'),
  RateLimitLimit: number('The burst that the tightest throttle allows.'),
  RateLimitRemaining: number('Requests that it would still take at once.'),
  RateLimitReset: number('Seconds until it is full again.'),
  RateLimitPolicy: text('The throttle: burst, seconds in which it refills, and its name.'),
  RetryAfter: number('Seconds after which to try again.'),
  WwwAuthenticate: text('What is wrong with the token, or missing (RFC 6750).'),
  Allow: text('The methods that this path has.'),
};

const ref = (name: string): JsonObject => ({ $ref: `#/components/headers/${name}` });

/** What each answer to an RPC with this policy bears, good or bad. */
function commonHeaders({ throttle }: Policy): JsonObject {
  return {
    traceresponse: ref('Traceresponse'),
    ...(throttle.length > 0 && {
      'RateLimit-Limit': ref('RateLimitLimit'),
      'RateLimit-Remaining': ref('RateLimitRemaining'),
      'RateLimit-Reset': ref('RateLimitReset'),
      'RateLimit-Policy': ref('RateLimitPolicy'),
    }),
  };
}

export function successHeaders(policy: Policy): JsonObject {
  return {
    ...commonHeaders(policy),
    ...(policy.location !== '' && { Location: ref('Location') }),
    ...(policy.preferWaitField !== '' && { 'Preference-Applied': ref('PreferenceApplied') }),
    ...(policy.idempotency && { 'Idempotent-Replayed': ref('IdempotentReplayed') }),
  };
}

export function problemHeaders(status: number): JsonObject {
  return {
    traceresponse: ref('Traceresponse'),
    ...(status === 401 || status === 403 ? { 'WWW-Authenticate': ref('WwwAuthenticate') } : {}),
    ...(status === 429 || status === 503 ? { 'Retry-After': ref('RetryAfter') } : {}),
  };
}
