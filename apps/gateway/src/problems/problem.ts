import { STATUS_CODES } from 'node:http';
import { ERROR_DOMAIN, type FieldViolation, isErrorCode } from '#libs/errors';
import type { Failure } from './failure.js';

export const PROBLEM_TYPE = 'application/problem+json';
/** Where the gateway explains its codes: `/errors/THROTTLED`. */
export const ERRORS_PATH = '/errors';

/**
 * A problem document (RFC 9457) with the google.rpc details as members. `type` is a reference to the gateway's own page
 * (section 3.1.1); codes of foreign services have none, hence about:blank.
 */
export function problemOf(failure: Failure, traceId: string | undefined): Record<string, unknown> {
  const { status, code, title, detail, domain, violations, retryAfterSeconds, metadata, details } = failure;
  return {
    type: isErrorCode(code) && domain === ERROR_DOMAIN ? `${ERRORS_PATH}/${code}` : 'about:blank',
    title,
    status,
    detail,
    code,
    ...(domain && { domain }),
    ...(traceId && { traceId }),
    ...(violations.length > 0 && { violations: violations.map(violationMember) }),
    ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...details,
  };
}

const violationMember = ({ field, description, reason }: FieldViolation) => ({
  ...{ field, description },
  ...(reason && { reason }),
});

/** {@link problemOf} as the body of an answer. */
export function problemBody(failure: Failure, traceId: string | undefined): Buffer {
  return Buffer.from(JSON.stringify(problemOf(failure, traceId)));
}

/** A whole HTTP/1.1 answer, for requests that never became one: the connection ends with it. */
export function rawProblem(
  failure: Failure,
  { traceId, headers }: { traceId: string | undefined; headers: Readonly<Record<string, string>> },
): string {
  const body = problemBody(failure, traceId).toString();
  const head = {
    ...headers,
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
