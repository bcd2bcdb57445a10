import type { Socket } from 'node:net';

// RFC 9113, 6.
export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

const END_HEADERS = 4;
const PREFACE_LENGTH = 24;
const HEADER_LENGTH = 9;

interface FrameParts {
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Buffer;
}

/** A frame of HTTP/2 (RFC 9113, 4.1). */
export function http2Frame(type: number, { flags = 0, stream = 0, payload }: FrameParts = {}): Buffer {
  const content = payload ?? Buffer.alloc(0);
  const frame = Buffer.alloc(HEADER_LENGTH + content.length);
  frame.writeUIntBE(content.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  content.copy(frame, HEADER_LENGTH);
  return frame;
}

/** A number as a payload has it. */
export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** `:status: 200` and `content-type: application/grpc`, as HPACK has them (RFC 7541, appendix A: 8 and 31). */
export const GRPC_HEADERS = http2Frame(HEADERS, {
  flags: END_HEADERS,
  stream: 1,
  payload: Buffer.concat([Buffer.from([0x88, 0x0f, 0x10, 16]), Buffer.from('application/grpc')]),
});

/** Says what a server says first, and calls back when the client has begun its first call. */
export function whenCalled(socket: Socket, called: () => void): void {
  let bytes = Buffer.alloc(0);
  const look = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let at = PREFACE_LENGTH; at + HEADER_LENGTH <= bytes.length; at += HEADER_LENGTH + bytes.readUIntBE(at, 3)) {
      if (bytes[at + 3] !== HEADERS) continue;
      socket.off('data', look);
      socket.resume();
      called();
      return;
    }
  };
  socket.on('data', look);
  socket.write(http2Frame(SETTINGS));
}
