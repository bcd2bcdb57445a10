import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '#libs/testing';

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Types of frames (RFC 9113, 6). */
export const Type = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  CONTINUATION: 9,
} as const;

export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;

/** An error code (RFC 9113, 7). */
export const ENHANCE_YOUR_CALM = 11;

const NOTHING: Buffer = Buffer.alloc(0);

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, stream: number, { flags = 0, payload = NOTHING } = {}): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Headers as HPACK literals that no table learns of (RFC 7541, 6.2.2). */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = (value: string) => Buffer.concat([integer(value.length), Buffer.from(value, 'latin1')]);
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])));
}

/** With a prefix of seven bits (RFC 7541, 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

export const GET: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/healthz'],
  [':authority', 'shop.example'],
];

/** A connection on which a test writes frames: what no HTTP/2 client would let it do. */
export class FrameConnection {
  readonly frames: Frame[] = [];
  isEnded = false;
  private received = Buffer.alloc(0);

  static async open(url: string): Promise<FrameConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new FrameConnection(socket);
  }

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => this.take(chunk));
    for (const event of ['end', 'error', 'close']) {
      socket.on(event, () => {
        this.isEnded = true;
      });
    }
  }

  send(...bytes: readonly (Buffer | string)[]): this {
    for (const part of bytes) this.socket.write(part);
    return this;
  }

  /** The preface and empty settings. */
  greet(): this {
    return this.send(PREFACE, frame(Type.SETTINGS, 0));
  }

  next(type: number): Promise<Frame> {
    return until(() => this.frames.find((one) => one.type === type), { what: `a frame of type ${type}` });
  }

  /** The error code that the server ends the connection with. */
  async end(): Promise<number | undefined> {
    await until(() => this.isEnded, { what: 'the end of the connection', timeout: 20_000 });
    return this.frames.findLast(({ type }) => type === Type.GOAWAY)?.payload.readUInt32BE(4);
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    while (this.received.length >= 9) {
      const end = 9 + this.received.readUIntBE(0, 3);
      if (this.received.length < end) return;
      const [type, flags] = [this.received.readUInt8(3), this.received.readUInt8(4)];
      const stream = this.received.readUInt32BE(5);
      this.frames.push({ type, flags, stream, payload: this.received.subarray(9, end) });
      this.received = this.received.subarray(end);
    }
  }
}
