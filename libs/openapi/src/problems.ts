import { ERRORS, type ErrorCode, isErrorCode } from '#libs/errors';
import { problemHeaders } from './headers.js';
import type { JsonObject } from './json.js';
import type { ServedRpc } from './served-rpc.js';

/** A problem document, or what clients of grpc-gateway know. */
type ProblemForm = 'problem' | 'status';

const STATUS_CONTENT: JsonObject = { 'application/json': { schema: { $ref: '#/components/schemas/GrpcStatus' } } };
const PROBLEM = { $ref: '#/components/schemas/Problem' };
const TRACE_ID = '887a6caadf1359514164e22c16197710';

/** The problem documents (RFC 9457) that an operation can answer with, by status, each with its codes. */
export function problemResponses(served: ServedRpc, shared: SharedProblems): JsonObject {
  const { problems } = served.policy;
  const codes = new Set([...impliedCodes(served), ...(problems?.codes ?? [])]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes].filter(isErrorCode).sort()) {
    const { http } = ERRORS[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const form = served.look?.dialect === 'grpc-gateway' ? 'status' : 'problem';
  const responses = [...byStatus].map(([status, ofStatus]) => [String(status), shared.refer(status, ofStatus, form)]);
  const others = !problems || [...codes].some((code) => !isErrorCode(code));
  return {
    ...Object.fromEntries(responses),
    ...(others && { default: shared.other(form) }),
  };
}

/** Problem responses as components: most operations share theirs. */
export class SharedProblems {
  private readonly responses = new Map<string, JsonObject>();

  /** Named by its codes, so that a name does not depend on other operations. */
  refer(status: number, codes: readonly ErrorCode[], form: ProblemForm): JsonObject {
    const name = codes.map(pascalCase).join('_');
    if (form === 'problem') return this.component(name, problemResponse(status, codes));
    const headers = problemHeaders(status);
    return this.component(`${name}_Status`, { description: descriptionOf(codes), headers, content: STATUS_CONTENT });
  }

  other(form: ProblemForm): JsonObject {
    return form === 'problem'
      ? this.component('OtherProblem', OTHER_PROBLEM)
      : this.component('OtherStatus', { ...OTHER_PROBLEM, content: STATUS_CONTENT });
  }

  /** All that were referred to, by name. */
  all(): JsonObject {
    return Object.fromEntries([...this.responses].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private component(name: string, response: JsonObject): JsonObject {
    this.responses.set(name, response);
    return { $ref: `#/components/responses/${name}` };
  }
}

function pascalCase(code: string): string {
  return code.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** What the gateway itself refuses, by what the operation takes. */
function impliedCodes({ rpc, policy, routes, access }: ServedRpc): ErrorCode[] {
  const { idempotency, throttle, freshSession } = policy;
  const [takesBody, hasVariables] = [
    routes.some(({ body }) => body !== 'none'),
    routes.some(({ template }) => template.variables.length > 0),
  ];
  return [
    ...(['VALIDATION_FAILED', 'UNKNOWN_FIELD', 'MALFORMED_BODY', 'UNAUTHENTICATED', 'INTERNAL'] as const),
    ...(['URI_TOO_LONG', 'HEADERS_TOO_LARGE', 'UPSTREAM_UNAVAILABLE', 'DEADLINE_EXCEEDED'] as const),
    ...(access.kind === 'public' ? [] : (['PERMISSION_DENIED'] as const)),
    ...(hasVariables ? (['ROUTE_NOT_FOUND'] as const) : []),
    ...(takesBody ? (['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    ...(throttle.length > 0 ? (['THROTTLED'] as const) : []),
    ...(idempotency ? (['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED'] as const) : []),
    ...(freshSession ? (['SESSIONS_UNKNOWN'] as const) : []),
    ...(rpc.methodKind === 'unary' ? [] : (['TOO_MANY_STREAMS'] as const)),
    ...(idempotency?.required ? (['IDEMPOTENCY_KEY_REQUIRED'] as const) : []),
  ];
}

function descriptionOf(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `- \`${code}\`: ${ERRORS[code].text}`).join('\n');
}

function problemResponse(status: number, codes: readonly ErrorCode[]): JsonObject {
  const schema = { allOf: [PROBLEM, { properties: { status: { const: status }, code: { enum: codes } } }] };
  const examples = Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code) }]));
  return {
    description: descriptionOf(codes),
    headers: problemHeaders(status),
    content: { 'application/problem+json': { schema, examples } },
  };
}

function exampleProblem(code: ErrorCode): JsonObject {
  const { http: status, text } = ERRORS[code];
  return {
    type: `/errors/${code}`,
    title: text,
    status,
    detail: text,
    code,
    traceId: TRACE_ID,
    ...(code === 'VALIDATION_FAILED' && {
      violations: [{ field: 'name', description: 'must not be empty', reason: 'string.min_len' }],
    }),
    ...((status === 429 || status === 503) && { retryAfter: 1 }),
  };
}

const OTHER_PROBLEM: JsonObject = {
  description: 'Any other problem.',
  headers: problemHeaders(400),
  content: { 'application/problem+json': { schema: PROBLEM } },
};

/** Errors of APIs in the grpc-gateway dialect. */
export const STATUS_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  GrpcStatus: {
    description: 'Why a request was not answered (google.rpc.Status).',
    type: 'object',
    properties: {
      code: { type: 'integer', format: 'int32', description: 'A value of google.rpc.Code.' },
      message: { type: 'string' },
      details: {
        type: 'array',
        items: { type: 'object', properties: { '@type': { type: 'string' } }, additionalProperties: true },
      },
    },
    required: ['code', 'message', 'details'],
  },
};

/** Problem documents, whatever the API. */
export const PROBLEM_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  Problem: {
    description: 'Why a request was not answered (RFC 9457).',
    type: 'object',
    properties: {
      type: { type: 'string', format: 'uri-reference', description: 'Leads to a page about the code.' },
      title: { type: 'string', description: 'The same for every occurrence of the code.' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string' },
      code: { type: 'string', description: 'Stable, for programs.' },
      traceId: { type: 'string', pattern: '^[0-9a-f]{32}$' },
      violations: { type: 'array', items: { $ref: '#/components/schemas/ProblemViolation' } },
      retryAfter: { type: 'integer', minimum: 1, description: 'Seconds after which to try again.' },
      metadata: { type: 'object', additionalProperties: { type: 'string' } },
    },
    required: ['type', 'title', 'status', 'detail', 'code'],
  },
  ProblemViolation: {
    description: 'What is wrong with one field of the request.',
    type: 'object',
    properties: {
      field: { type: 'string', description: 'Its path, e.g. lines[0].quantity; empty for the whole body.' },
      description: { type: 'string' },
      reason: {
        type: 'string',
        description: 'The rule that is broken, for programs; e.g. string.min_len, unknown, type.',
      },
    },
    required: ['field', 'description'],
  },
};
