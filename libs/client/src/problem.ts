import type { ErrorCode } from './gen/store.js';

/** What is wrong with one field of a request. */
export interface Violation {
  /** Its path, e.g. `lines[0].quantity`; empty for the whole body. */
  readonly field: string;
  readonly description: string;
  /** The rule that is broken, e.g. `string.min_len`; not every service tells it. */
  readonly reason?: string;
}

/** A problem document (RFC 9457), as the API writes it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** One of the API's own codes, or one that a newer API or a service behind it has. */
  readonly code: ErrorCode | (string & Record<never, never>);
  readonly traceId?: string;
  readonly violations?: readonly Violation[];
  /** Seconds. */
  readonly retryAfter?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The API refused a request. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: Problem['code'];
  readonly violations: readonly Violation[];
  readonly traceId: string | undefined;
  /** Seconds after which the same request may succeed, when the API says so. */
  readonly retryAfter: number | undefined;

  constructor(
    readonly problem: Problem,
    what: string,
  ) {
    super(`${what} was answered ${problem.status} ${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.violations = problem.violations ?? [];
    this.traceId = problem.traceId;
    this.retryAfter = problem.retryAfter;
  }

  /** True for this code; the compiler knows all of them. */
  is(code: ErrorCode): boolean {
    return this.code === code;
  }
}

/** No answer came: the network failed, or the time was up. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';

  constructor(
    what: string,
    readonly reason: 'network' | 'timeout',
    options?: ErrorOptions,
  ) {
    super(`${what} got no answer: ${reason === 'timeout' ? 'the time was up' : 'the network failed'}`, options);
  }
}

/** The problem that an answer is; one is made up where something between client and API has answered. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  const problem = parseProblem(text);
  if (problem) return problem;
  const traceId = traceIdOf(response);
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: text.slice(0, 200),
    code: `HTTP_${response.status}`,
    ...(traceId !== undefined && { traceId }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** Undefined for what is no problem document. */
export function parseProblem(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isProblem = typeof value === 'object' && value !== null && 'code' in value && 'status' in value;
    return isProblem ? (value as Problem) : undefined;
  } catch {
    return undefined;
  }
}

/** The trace of the request (W3C Trace Context 2: version-traceId-…). */
export function traceIdOf(response: Response): string | undefined {
  return response.headers.get('traceresponse')?.split('-')[1];
}
