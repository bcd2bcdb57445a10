import { type StatusObject, status } from '@grpc/grpc-js';
import { isGrpc, type ReceivedHeaders } from './headers.js';
import { UnreadableMessage } from './message-reader.js';
import { statusOf, statusOfHttp } from './status.js';

/** Why headers do not begin an answer of gRPC; undefined when they do. */
export function refusalOf({ httpStatus, contentType, encoding }: ReceivedHeaders): StatusObject | undefined {
  if (!isGrpc(contentType)) return statusOfHttp(httpStatus, contentType ?? '(none)');
  if (httpStatus !== 200) return statusOfHttp(httpStatus);
  if (encoding === undefined || encoding === 'identity') return undefined;
  return statusOf(status.INTERNAL, `Received messages in the encoding ${encoding}, which was not asked for`);
}

/** What trailers say became of the call; also where they are all there is of an answer. */
export function outcomeOf({ code, message, metadata, httpStatus }: ReceivedHeaders): StatusObject {
  if (code !== undefined) return statusOf(code, message, metadata);
  if (httpStatus !== 0 && httpStatus !== 200) return statusOfHttp(httpStatus);
  return statusOf(status.UNKNOWN, 'No status information received', metadata);
}

/** What becomes of a call whose messages cannot be read. */
export function statusOfUnreadable(error: unknown): StatusObject {
  const isTooLarge = error instanceof UnreadableMessage && error.reason === 'too-large';
  return statusOf(isTooLarge ? status.RESOURCE_EXHAUSTED : status.INTERNAL, textOf(error));
}

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
