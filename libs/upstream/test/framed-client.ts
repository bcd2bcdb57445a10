import { FramedSession } from '../src/framed/framed-session.js';
import type { FramedStream } from '../src/framed/framed-stream.js';
import type { CallEvents } from '../src/http2/session.js';
import { http2Frame, SETTINGS } from './http2-frames.js';
import { framesIn, type SentFrame } from './raw-peer.js';

/** A session without a network: the test is its socket. */
export class FramedClient {
  private readonly chunks: Buffer[] = [];
  /** What its connection was told, in short. */
  readonly told: string[] = [];
  readonly calls: TestCall[] = [];
  /** The socket takes no more. */
  isFull = false;
  readonly session: FramedSession;

  constructor(lastStream?: number) {
    const socket = {
      writableLength: 0,
      write: (bytes: Buffer) => {
        this.chunks.push(Buffer.from(bytes));
        return !this.isFull;
      },
      ...{ end: () => this.told.push('end'), destroy: () => {}, ref: () => {}, unref: () => {} },
    };
    const events = {
      onReady: (streams: number) => this.told.push(`ready ${streams}`),
      onGoaway: (code: number, text: string) => this.told.push(`goaway ${code} ${text}`),
      onClosed: (reason: string | undefined) => this.told.push(`closed ${reason}`),
    };
    this.session = new FramedSession(socket, events, lastStream === undefined ? undefined : { lastStream });
    this.session.begin();
  }

  /** Connected to a server that has said its settings. */
  static ready(lastStream?: number): FramedClient {
    const client = new FramedClient(lastStream);
    client.take(http2Frame(SETTINGS));
    return client;
  }

  take(...frames: readonly Buffer[]): void {
    this.session.onBytes(Buffer.concat(frames));
  }

  open(own: readonly string[] = []): { stream: FramedStream; call: TestCall } {
    const call = new TestCall();
    const stream = this.session.open({ shared: SHARED, own }, call);
    this.calls.push(call);
    return { stream, call };
  }

  /** All that it has written. */
  get written(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Frames that it has sent by now. */
  get sent(): SentFrame[] {
    const { outbox } = this.session;
    while (outbox.length > 0) outbox.flush();
    return framesIn(this.written);
  }
}

const SHARED = [':method', 'POST', ':scheme', 'http', ':authority', 'a:1', ':path', '/a.B/C', 'te', 'trailers'];

/** What a call hears, in short; data as one text, however it came. */
export class TestCall implements CallEvents {
  readonly heard: string[] = [];
  private data: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.data).toString('latin1');
  }

  onHeaders(raw: readonly string[], isLast: boolean): void {
    this.heard.push(`headers ${raw.join(' ')}${isLast ? ' last' : ''}`);
  }

  onData(chunk: Buffer): void {
    this.data.push(chunk);
  }

  onTrailers(raw: readonly string[]): void {
    this.heard.push(`trailers ${raw.join(' ')} after ${this.text.length}`);
  }

  onEnd(code: number): void {
    this.heard.push(`end ${code}`);
  }

  onClose(code: number): void {
    this.heard.push(`close ${code}`);
  }
}
