import type { Socket } from 'node:net';
import { until } from '#libs/testing';
import { DATA, HEADERS, http2Frame, SETTINGS } from './http2-frames.js';
import { frameOf, tcpServer } from './raw-server.js';

/** A frame that the client sent. */
export interface SentFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const PREFACE_LENGTH = 24;
const HEADER_LENGTH = 9;
const [END_STREAM, END_HEADERS] = [1, 4];

/** Frames in what a client has sent, from its preface on. */
export function framesIn(bytes: Buffer): SentFrame[] {
  const frames: SentFrame[] = [];
  for (let at = PREFACE_LENGTH; at + HEADER_LENGTH <= bytes.length; ) {
    const end = at + HEADER_LENGTH + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const [type = 0, flags = 0] = bytes.subarray(at + 3);
    frames.push({ type, flags, stream: bytes.readUInt32BE(at + 5), payload: bytes.subarray(at + HEADER_LENGTH, end) });
    at = end;
  }
  return frames;
}

/** A server that says what the test wants, octet by octet, and notes what it hears. */
export class RawPeer {
  address = '';
  /** What each connection has brought. */
  private readonly received: Buffer[] = [];
  private socket: Socket | undefined;

  /** `calls`: what is done about each stream, in the order in which they come. */
  static async start(...calls: ((peer: RawPeer, stream: number) => void)[]): Promise<RawPeer> {
    const peer = new RawPeer();
    peer.address = await tcpServer((socket) => {
      const nth = peer.received.push(Buffer.alloc(0)) - 1;
      const seen = new Set<number>();
      peer.socket = socket;
      socket.write(Buffer.concat([http2Frame(SETTINGS), http2Frame(SETTINGS, { flags: 1 })]));
      socket.on('data', (chunk: Buffer) => {
        const bytes = Buffer.concat([peer.received[nth] ?? chunk, chunk]);
        peer.received[nth] = bytes;
        for (const { type, stream } of framesIn(bytes)) {
          if (type !== HEADERS || seen.has(stream)) continue;
          seen.add(stream);
          calls[Math.min(seen.size, calls.length) - 1]?.(peer, stream);
        }
      });
    });
    return peer;
  }

  get connections(): number {
    return this.received.length;
  }

  /** Frames of all connections, one after the other. */
  get heard(): SentFrame[] {
    return this.received.flatMap(framesIn);
  }

  send(...frames: readonly Buffer[]): void {
    this.socket?.write(Buffer.concat(frames));
  }

  /** The first frame of this type that the client sends. */
  async awaits(type: number): Promise<SentFrame> {
    const first = () => this.heard.find((frame) => frame.type === type);
    await until(() => first() !== undefined, { what: `a frame of type ${type}` });
    return first() as SentFrame;
  }
}

/** A header that is not in a table and does not get into one (RFC 7541, 6.2.2). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

export interface HeadersParts {
  readonly stream?: number;
  readonly isLast?: boolean;
  readonly hasMore?: boolean;
}

export function headersFrame(
  block: Buffer,
  { stream = 1, isLast = false, hasMore = false }: HeadersParts = {},
): Buffer {
  return http2Frame(HEADERS, {
    flags: (isLast ? END_STREAM : 0) | (hasMore ? 0 : END_HEADERS),
    stream,
    payload: block,
  });
}

/** `:status: 200` and the content-type of gRPC. */
export const RESPONSE = Buffer.concat([Buffer.from([0x88]), literal('content-type', 'application/grpc')]);
export const TRAILERS = literal('grpc-status', '0');

/** An answer of one message, as three frames. */
export function answerFrames(text: string, stream = 1): Buffer[] {
  return [
    headersFrame(RESPONSE, { stream }),
    http2Frame(DATA, { stream, payload: frameOf(text) }),
    headersFrame(TRAILERS, { stream, isLast: true }),
  ];
}

export const answers =
  (text: string) =>
  (peer: RawPeer, stream: number): void =>
    peer.send(...answerFrames(text, stream));
