import { pipeline, type Readable } from 'node:stream';
import { compress } from './compress.js';
import type { EdgeRequest } from './edge-request.js';
import type { RawResponse } from './raw.js';
import { ReplyHeaders } from './reply-headers.js';

export type Payload = Buffer | string | Readable | undefined;

/** What holds for all answers. */
export interface ReplyRules {
  /** On every answer: names in lower case and values in turn. */
  readonly headers: readonly string[];
  /** Whether an answer is to be the last on its connection. */
  isLast(): boolean;
  /** Called once for each, when it is out or its client has gone. */
  closed(reply: EdgeReply): void;
}

/** An answer on its way, as guards, interceptors, filters and the pipeline see it. Its head is written once, with its body. */
export class EdgeReply {
  statusCode = 200;
  private hasBeenSent = false;
  private readonly fields: ReplyHeaders;

  constructor(
    readonly request: EdgeRequest,
    readonly raw: RawResponse,
    private readonly rules: ReplyRules,
  ) {
    this.fields = new ReplyHeaders(rules.headers);
  }

  /** Whether {@link send} was called. */
  get sent(): boolean {
    return this.hasBeenSent;
  }

  code(status: number): this {
    this.statusCode = status;
    return this;
  }

  type(contentType: string): this {
    this.fields.set('content-type', contentType);
    return this;
  }

  header(name: string, value: string | number): this {
    this.fields.set(name, value);
    return this;
  }

  headers(fields: Readonly<Record<string, string | number>>): this {
    for (const [name, value] of Object.entries(fields)) this.fields.set(name, value);
    return this;
  }

  getHeader(name: string): string | undefined {
    return this.fields.get(name);
  }

  hasHeader(name: string): boolean {
    return this.fields.get(name) !== undefined;
  }

  removeHeader(name: string): this {
    this.fields.delete(name);
    return this;
  }

  /** {@link header}, as middleware of node:http calls it. */
  setHeader(name: string, value: string): this {
    return this.header(name, value);
  }

  /** {@link send} without a body, as middleware of node:http calls it. */
  end(): this {
    return this.send();
  }

  /**
   * Sends the answer, compressed where its client accepts that. A stream is sent as it comes; one that fails ends the
   * connection, for its reader to see that the answer is not whole. Throws when an answer was sent before.
   */
  send(payload?: Payload): this {
    if (this.hasBeenSent) throw new Error('the request has its answer already');
    this.hasBeenSent = true;
    const compressed = compress(this.request, this, payload);
    if (compressed === undefined) this.write(payload);
    else
      compressed.then(
        (body) => this.write(body),
        () => this.raw.destroy(),
      );
    return this;
  }

  /** The answer was 101, and the connection speaks WebSocket now. */
  upgraded(): void {
    this.hasBeenSent = true;
    this.statusCode = 101;
  }

  /** Called by the server, once, when the connection is done with the answer. */
  closed(): void {
    this.rules.closed(this);
  }

  private write(payload: Payload): void {
    if (this.rules.isLast()) this.endConnection();
    const { raw, statusCode: status, fields } = this;
    const { stream } = raw;
    if (stream) dropConnectionHeaders(fields);
    if (payload === undefined || status === 204 || status === 304) {
      if (payload === undefined && mayHaveBody(status) && !this.isHead) fields.set('content-length', 0);
      else if (status === 204) fields.delete('content-length');
      raw.writeHead(status, fields.list());
      raw.end();
    } else if (typeof payload === 'string' || Buffer.isBuffer(payload)) {
      fields.set('content-length', Buffer.byteLength(payload));
      raw.writeHead(status, fields.list());
      if (stream && this.isHead) raw.end();
      else raw.end(payload);
    } else {
      raw.writeHead(status, fields.list());
      pipeline(payload, stream ?? raw, () => {});
    }
  }

  private get isHead(): boolean {
    return this.request.method === 'HEAD';
  }

  /** By a header; in HTTP/2 by GOAWAY, after which the answers to what has come are still sent. */
  private endConnection(): void {
    const { stream } = this.raw;
    if (stream) stream.session?.close();
    else this.fields.set('connection', 'close');
  }
}

const mayHaveBody = (status: number) => status !== 204 && status !== 304;

/** HTTP/2 has no such headers (RFC 9113, 8.2.2). */
function dropConnectionHeaders(fields: ReplyHeaders): void {
  fields.delete('connection');
  fields.delete('keep-alive');
  fields.delete('transfer-encoding');
}
