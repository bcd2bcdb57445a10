import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { until } from '#libs/testing';

/** A client of a WebSocket that notes what it gets. */
export class FramesClient {
  /** Frames, as JSON. */
  readonly frames: unknown[] = [];
  /** How it was closed. */
  closed: { code: number; reason: string } | undefined;
  readonly socket: WebSocket;
  private failure: Error | undefined;

  constructor(url: string, { protocols = [] as string[], ...options }: ClientOptions & { protocols?: string[] } = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), protocols, options);
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data))));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on('error', (error) => {
      this.failure = error;
    });
  }

  /** Once it is open. */
  static async open(url: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<FramesClient> {
    const client = new FramesClient(url, options);
    await until(() => client.socket.readyState !== WebSocket.CONNECTING, { what: 'the handshake' });
    if (client.failure) throw client.failure;
    return client;
  }

  /** What is answered instead of 101. */
  static async refusal(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
    const { socket } = new FramesClient(url, options);
    const [, response]: [unknown, IncomingMessage] = (await once(socket, 'unexpected-response')) as never;
    let body = '';
    for await (const chunk of response) body += chunk;
    const { statusCode: status, headers } = response;
    return { status, headers, problem: JSON.parse(body) as { code: string; detail: string } & Record<string, unknown> };
  }

  send(...messages: object[]): this {
    for (const message of messages) this.socket.send(JSON.stringify(message));
    return this;
  }

  /** Nothing more is said. */
  end(): this {
    this.socket.send('');
    return this;
  }

  async got(count: number): Promise<unknown[]> {
    await until(() => this.frames.length >= count, { what: `frame ${count}` });
    return this.frames;
  }

  /** The code, the word for it, and the code of the problem that was told before, if any. */
  async ended(): Promise<unknown[]> {
    await until(() => this.closed, { what: 'the end of the connection', timeout: 15_000 });
    const last = this.frames.at(-1) as { error?: { code: string } } | undefined;
    return [this.closed?.code, this.closed?.reason, last?.error?.code];
  }
}
