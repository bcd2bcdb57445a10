import { activeTrace } from '#libs/telemetry';
import type { Exchange } from '../http/exchange.js';
import type { Failure } from './failure.js';
import { PROBLEM_TYPE, problemBody } from './problem.js';
import { statusBody } from './status-json.js';

/** How a client is told of a failure. */
export interface FailureAnswer {
  readonly contentType: string;
  readonly body: Buffer;
}

/** In the form of the dialect: a problem document, or what clients of grpc-gateway know. */
export function failureAnswer(failure: Failure, { bound, context, deployment, path }: Exchange): FailureAnswer {
  const dialect = bound?.dialect ?? deployment.operations.dialectAt(path);
  if (dialect === 'grpc-gateway') return { contentType: 'application/json', body: statusBody(failure) };
  return { contentType: PROBLEM_TYPE, body: problemBody(failure, activeTrace(context)?.traceId) };
}
