import { Metadata } from '@grpc/grpc-js';
import { readCode, readMessage } from './status.js';

/** Names and values in turn, as they come and go on the wire. */
export type HeaderList = readonly string[];

// Set by the channel itself: a caller cannot replace them.
const OWN = new Set([
  ...['te', 'content-type', 'user-agent', 'host', 'connection', 'transfer-encoding', 'keep-alive', 'upgrade'],
  ...['proxy-connection', 'grpc-timeout', 'grpc-encoding', 'grpc-accept-encoding'],
]);

/** What one call has beside the headers of its path: its metadata, binary values (`-bin`) as base64, and the time that is left. */
export function ownHeaders(metadata: Metadata | undefined, leftMs: number): string[] {
  const headers: string[] = [];
  if (leftMs !== Number.POSITIVE_INFINITY) headers.push('grpc-timeout', timeoutText(leftMs));
  const all = metadata?.toHttp2Headers() ?? {};
  for (const name in all) {
    const value = all[name];
    // Metadata may have names that begin with a colon; headers with such are HTTP's.
    if (value === undefined || OWN.has(name) || name.startsWith(':')) continue;
    if (!Array.isArray(value)) headers.push(name, String(value));
    else for (const one of value) headers.push(name, one);
  }
  return headers;
}

const MS_OF_LARGEST = 99_999_999;

/** `grpc-timeout` for what is left: at most eight digits and a unit. Rounded up: the server does not give up before us. */
function timeoutText(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole <= MS_OF_LARGEST) return `${whole}m`;
  const seconds = Math.ceil(whole / 1000);
  return seconds <= MS_OF_LARGEST ? `${seconds}S` : `${Math.min(MS_OF_LARGEST, Math.ceil(seconds / 3600))}H`;
}

/** Headers or trailers of an answer, told apart. */
export interface ReceivedHeaders {
  httpStatus: number;
  contentType: string | undefined;
  encoding: string | undefined;
  /** Undefined where there is no `grpc-status`. */
  code: number | undefined;
  message: string;
  readonly metadata: Metadata;
}

/** Reads names and values in turn. What is no legal metadata is left out: a server's mistake fails no call. */
export function readHeaders(raw: HeaderList): ReceivedHeaders {
  const read: ReceivedHeaders = {
    httpStatus: 0,
    contentType: undefined,
    encoding: undefined,
    code: undefined,
    message: '',
    metadata: new Metadata(),
  };
  for (let at = 0; at + 1 < raw.length; at += 2) readHeader(read, raw[at] ?? '', raw[at + 1] ?? '');
  return read;
}

function readHeader(read: ReceivedHeaders, name: string, value: string): void {
  switch (name) {
    case ':status':
      read.httpStatus = Number(value);
      return;
    case 'content-type':
      read.contentType = value;
      return;
    case 'grpc-status':
      read.code = readCode(value);
      return;
    case 'grpc-message':
      read.message = readMessage(value);
      return;
    case 'grpc-encoding':
      read.encoding = value;
      return;
    case 'grpc-accept-encoding':
      return;
    default:
      if (!name.startsWith(':')) addTo(read.metadata, name, value);
  }
}

function addTo(metadata: Metadata, name: string, value: string): void {
  try {
    if (!name.endsWith('-bin')) metadata.add(name, value);
    // Several values may come as one, separated by commas, which base64 does not have.
    else for (const one of value.split(',')) metadata.add(name, Buffer.from(one.trim(), 'base64'));
  } catch {
    // Not printable ASCII.
  }
}

/** `application/grpc`, with a subtype (`+proto`) or parameters. */
export const isGrpc = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/grpc($|[+;])/i.test(contentType);
