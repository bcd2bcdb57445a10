import { constants } from 'node:http2';
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';

// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
const BY_HTTP_STATUS = new Map<number, status>([
  [400, status.INTERNAL],
  [401, status.UNAUTHENTICATED],
  [403, status.PERMISSION_DENIED],
  [404, status.UNIMPLEMENTED],
  [429, status.UNAVAILABLE],
  [502, status.UNAVAILABLE],
  [503, status.UNAVAILABLE],
  [504, status.UNAVAILABLE],
]);

// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#http2-transport-mapping; texts as grpc-js has them, for they
// are told apart by them (see `Retries` of #libs/calls).
const BY_RESET = new Map<number, readonly [status, string]>([
  [constants.NGHTTP2_REFUSED_STREAM, [status.UNAVAILABLE, 'Stream refused by server']],
  [constants.NGHTTP2_CANCEL, [status.CANCELLED, 'Call cancelled']],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, [status.RESOURCE_EXHAUSTED, 'Bandwidth exhausted or memory limit exceeded']],
  [constants.NGHTTP2_INADEQUATE_SECURITY, [status.PERMISSION_DENIED, 'Protocol not secure enough']],
]);

export const statusOf = (code: status, details: string, metadata = new Metadata()): StatusObject => ({
  code,
  details,
  metadata,
});

/** What became of a call whose answer bears no status of gRPC. */
export function statusOfHttp(httpStatus: number, contentType?: string): StatusObject {
  const code = BY_HTTP_STATUS.get(httpStatus) ?? status.UNKNOWN;
  const type = contentType === undefined ? '' : ` with content-type ${contentType.slice(0, 100)}`;
  return statusOf(code, `Received HTTP status code ${httpStatus}${type}`);
}

/** What became of a call whose stream ended by RST_STREAM, or without a status. */
export function statusOfReset(code: number): StatusObject {
  const known = BY_RESET.get(code);
  if (known) return statusOf(...known);
  const how = code === constants.NGHTTP2_NO_ERROR ? ' (Call ended without gRPC status)' : '';
  return statusOf(status.INTERNAL, `Received RST_STREAM with code ${code}${how}`);
}

/** `grpc-status`; what is none is UNKNOWN. */
export function readCode(text: string): status {
  const code = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return code in status ? code : status.UNKNOWN;
}

/** `grpc-message` is percent-encoded UTF-8; what is not is shown as it came, as the protocol asks. */
export function readMessage(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
