import type { IncomingHttpHeaders } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** What the gateway uses of Node's request: the same for HTTP/1.1 and HTTP/2. */
export interface RawRequest extends Readable {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly headersDistinct: NodeJS.Dict<string[]>;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** Whether all of it has come. */
  readonly complete: boolean;
  readonly socket: Socket;
  /** Of HTTP/2 alone. */
  readonly stream?: ServerHttp2Stream;
}

/** What the gateway uses of Node's response: the same for HTTP/1.1 and HTTP/2. */
export interface RawResponse extends Writable {
  statusCode: number;
  readonly headersSent: boolean;
  /** Of HTTP/2 alone. */
  readonly stream?: ServerHttp2Stream;
  writeHead(status: number, headers: string[]): unknown;
  writeContinue(): void;
}
