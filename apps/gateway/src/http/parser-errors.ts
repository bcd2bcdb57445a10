import type { Socket } from 'node:net';
import { DomainError } from '#libs/errors';
import { activeTrace, traceresponse } from '#libs/telemetry';
import { recordRefusal } from '../observe/server-span.js';
import { describeFailure, type Failure } from '../problems/failure.js';
import { rawProblem } from '../problems/problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Answers what Node's HTTP parser refuses, where there is no request yet: a problem document, then the end. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  // A client that is gone, or an answer that is being written: nothing to add.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const failure = failureOf(error.code);
  const context = recordRefusal(failure);
  const response = traceresponse(context);
  const headers = { ...SECURITY_HEADERS, ...(response && { traceresponse: response }) };
  socket.end(rawProblem(failure, { traceId: activeTrace(context)?.traceId, headers }));
}

function failureOf(code: string | undefined): Failure {
  if (code === 'HPE_HEADER_OVERFLOW') return describeFailure(new DomainError('HEADERS_TOO_LARGE'));
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { ...badRequest('The request did not arrive in time.'), status: 408, code: 'REQUEST_TIMEOUT' };
  }
  return badRequest('The request is not valid HTTP.');
}

function badRequest(text: string): Failure {
  return { ...describeFailure(new DomainError('VALIDATION_FAILED')), code: 'BAD_REQUEST', title: text, detail: text };
}
