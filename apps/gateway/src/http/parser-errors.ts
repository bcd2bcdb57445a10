import type { Socket } from 'node:net';
import { DomainError, type ErrorCode } from '#libs/errors';
import { activeTrace, traceresponse } from '#libs/telemetry';
import { recordRefusal } from '../observe/server-span.js';
import { describeFailure } from '../problems/failure.js';
import { rawProblem } from '../problems/problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Answers what Node's HTTP parser refuses, where there is no request yet: a problem document, then the end. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  // A client that is gone, or an answer that is being written: nothing to add.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const failure = describeFailure(new DomainError(codeOf(error.code)));
  const context = recordRefusal(failure);
  const response = traceresponse(context);
  const headers = { ...SECURITY_HEADERS, ...(response && { traceresponse: response }) };
  socket.end(rawProblem(failure, { traceId: activeTrace(context)?.traceId, headers }));
}

function codeOf(parserCode: string | undefined): ErrorCode {
  if (parserCode === 'HPE_HEADER_OVERFLOW') return 'HEADERS_TOO_LARGE';
  return parserCode === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMEOUT' : 'BAD_REQUEST';
}
