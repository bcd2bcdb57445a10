import type { Socket } from 'node:net';
import { DomainError, type ErrorCode } from '#libs/errors';
import { activeTrace, traceresponse } from '#libs/telemetry';
import { countRefusal } from '../observe/request-metrics.js';
import { recordRefusal } from '../observe/server-span.js';
import { describeFailure } from '../problems/failure.js';
import { rawProblem } from '../problems/problem.js';
import { endWith } from './last-answer.js';
import { answered, incompleteRequest, othersAnswered } from './open-requests.js';
import { SECURITY_HEADERS } from './security-headers.js';

type ParserError = Error & { readonly code?: string; readonly rawPacket?: unknown };

const refused = new WeakSet<Socket>();

/**
 * Answers what Node's HTTP parser refuses with a problem document, then ends the connection: where the next request begins
 * can no longer be known. Requests that came before it on the connection get their answers first.
 */
export function answerParserError(error: ParserError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // The parser goes on complaining about each further packet. What comes behind a request that asked for the end of the
  // connection is nobody's request, and its answer ends the connection (RFC 9112, 9.6).
  if (refused.has(socket) || error.code === 'HPE_CLOSED_CONNECTION') return;
  refuseRest(socket, codeOf(error));
}

/** Whether the connection has had its last answer, so that nothing on it is handled any more. */
export const isRefused = (socket: Socket): boolean => refused.has(socket);

/** Answers what comes next on a connection with a problem document, once all before it is answered, and ends it. */
export async function refuseRest(
  socket: Socket,
  code: ErrorCode,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  refused.add(socket);
  const broken = incompleteRequest(socket);
  await othersAnswered(socket, broken);
  // Its answer is under way although its body was not: there can be no second one.
  if (broken?.headersSent) {
    await answered(broken);
    socket.end();
  } else if (socket.writable) {
    endWith(socket, problemOfRefusal(code, headers));
  }
}

function problemOfRefusal(code: ErrorCode, own: Readonly<Record<string, string>>): string {
  const failure = describeFailure(new DomainError(code));
  const context = recordRefusal(failure);
  countRefusal(failure);
  const response = traceresponse(context);
  const headers = { ...SECURITY_HEADERS, ...own, ...(response && { traceresponse: response }) };
  return rawProblem(failure, { traceId: activeTrace(context)?.traceId, headers });
}

function codeOf({ code, rawPacket }: ParserError): ErrorCode {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TIMEOUT';
  if (code !== 'HPE_HEADER_OVERFLOW') return 'BAD_REQUEST';
  // Where not even the first line has come to its end, it is what is too long.
  return Buffer.isBuffer(rawPacket) && !rawPacket.includes('\n') ? 'URI_TOO_LONG' : 'HEADERS_TOO_LARGE';
}
