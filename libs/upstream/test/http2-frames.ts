import type { Socket } from 'node:net';
import { END_HEADERS, FRAME_HEADER_LENGTH, HEADERS, PREFACE, SETTINGS } from '../src/framed/protocol.js';

export {
  CONTINUATION,
  DATA,
  GOAWAY,
  HEADERS,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '../src/framed/protocol.js';

interface FrameParts {
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Buffer;
}

/** A frame of HTTP/2 (RFC 9113, 4.1). */
export function http2Frame(type: number, { flags = 0, stream = 0, payload }: FrameParts = {}): Buffer {
  const content = payload ?? Buffer.alloc(0);
  const frame = Buffer.alloc(FRAME_HEADER_LENGTH + content.length);
  frame.writeUIntBE(content.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  content.copy(frame, FRAME_HEADER_LENGTH);
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
    for (
      let at = PREFACE.length;
      at + FRAME_HEADER_LENGTH <= bytes.length;
      at += FRAME_HEADER_LENGTH + bytes.readUIntBE(at, 3)
    ) {
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
