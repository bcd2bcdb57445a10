import { unary } from '../../test/calls.js';
import {
  CONTINUATION,
  DATA,
  GOAWAY,
  HEADERS,
  http2Frame,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from '../../test/http2-frames.js';
import { asServiceError, openClient } from '../../test/open-client.js';
import { answers, headersFrame, literal, RawPeer, RESPONSE } from '../../test/raw-peer.js';
import { tcpServer } from '../../test/raw-server.js';
import * as protocol from './protocol.js';

const { PROTOCOL_ERROR, FRAME_SIZE_ERROR, FLOW_CONTROL_ERROR, COMPRESSION_ERROR, ENHANCE_YOUR_CALM } = protocol;
const [ACK, PADDED, HAS_PRIORITY] = [1, 8, 0x20];

const setting = (id: number, value: number) =>
  http2Frame(SETTINGS, { payload: Buffer.concat([Buffer.from([0, id]), uint32(value)]) });
const on = (stream: number, payload: Buffer = Buffer.alloc(0), flags = 0) => ({ stream, payload, flags });
const octets = (...values: number[]) => Buffer.from(values);
const block = (...values: number[]) => headersFrame(octets(...values));
const times = (count: number, frame: Buffer) => Array.from({ length: count }, () => frame);
const begun = headersFrame(RESPONSE, { hasMore: true });

/** What a call's connection says, and what the client has to answer by GOAWAY (RFC 9113, where not said otherwise). */
const BREACHES: readonly (readonly [what: string, code: number, ...frames: Buffer[]])[] = [
  ['DATA of the connection (6.1)', PROTOCOL_ERROR, http2Frame(DATA, on(0, octets(1)))],
  ['DATA of a stream that never was (5.1)', PROTOCOL_ERROR, http2Frame(DATA, on(99, octets(1)))],
  ['DATA of a stream of the server, which there is none (5.1.1)', PROTOCOL_ERROR, http2Frame(DATA, on(2, octets(1)))],
  ['more padding than DATA (6.1)', PROTOCOL_ERROR, http2Frame(DATA, on(1, octets(2, 0), PADDED))],
  ['padded DATA without a length (6.1)', FRAME_SIZE_ERROR, http2Frame(DATA, on(1, octets(), PADDED))],
  ['HEADERS of the connection (6.2)', PROTOCOL_ERROR, headersFrame(RESPONSE, { stream: 0 })],
  ['HEADERS of a stream that never was (5.1)', PROTOCOL_ERROR, headersFrame(RESPONSE, { stream: 5 })],
  [
    'HEADERS that begin on a stream that never was (5.1)',
    PROTOCOL_ERROR,
    headersFrame(RESPONSE, { stream: 5, hasMore: true }),
  ],
  ['more padding than HEADERS (6.2)', PROTOCOL_ERROR, http2Frame(HEADERS, on(1, octets(9, 0x88), 4 | PADDED))],
  [
    'HEADERS with half a priority (6.2)',
    FRAME_SIZE_ERROR,
    http2Frame(HEADERS, on(1, octets(0, 0, 0), 4 | HAS_PRIORITY)),
  ],
  ['the index 0 (RFC 7541, 6.1)', COMPRESSION_ERROR, block(0x80)],
  ['an index that is not in the table (RFC 7541, 2.3.3)', COMPRESSION_ERROR, block(0x80 | 62)],
  ['a name that is not in the table (RFC 7541, 2.3.3)', COMPRESSION_ERROR, block(0x0f, 0x50, 1, 0x61)],
  ['an integer without an end (RFC 7541, 5.1)', COMPRESSION_ERROR, block(0xff, 0xff, 0xff)],
  [
    'an integer that is too large (RFC 7541, 5.1)',
    COMPRESSION_ERROR,
    block(0xff, ...times(9, octets(0xff)).flatMap((one) => [...one]), 1),
  ],
  ['a text that is cut off (RFC 7541, 5.2)', COMPRESSION_ERROR, block(0x00, 5, 0x61)],
  ['EOS in a text (RFC 7541, 5.2)', COMPRESSION_ERROR, block(0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 0x61)],
  ['padding of a text that is not ones (RFC 7541, 5.2)', COMPRESSION_ERROR, block(0x00, 0x81, 0x18, 1, 0x61)],
  ['padding of a text of eight bits (RFC 7541, 5.2)', COMPRESSION_ERROR, block(0x00, 0x82, 0x1f, 0xff, 1, 0x61)],
  ['a table larger than was allowed (RFC 7541, 6.3)', COMPRESSION_ERROR, block(0x3f, 0xe2, 0x1f, 0x88)],
  ['a change of the table in the middle (RFC 7541, 4.2)', COMPRESSION_ERROR, block(0x88, 0x20)],
  ['three changes of the table (RFC 7541, 4.2)', COMPRESSION_ERROR, block(0x20, 0x21, 0x22, 0x88)],
  ['CONTINUATION of nothing (6.10)', PROTOCOL_ERROR, http2Frame(CONTINUATION, on(1, octets(0x88)))],
  ['DATA in the middle of HEADERS (6.2)', PROTOCOL_ERROR, begun, http2Frame(DATA, on(1, octets(1)))],
  ['PING in the middle of HEADERS (6.2)', PROTOCOL_ERROR, begun, http2Frame(PING, on(0, Buffer.alloc(8)))],
  ['CONTINUATION of another stream (6.10)', PROTOCOL_ERROR, begun, http2Frame(CONTINUATION, on(3, octets(), 4))],
  ['CONTINUATION without end', ENHANCE_YOUR_CALM, begun, ...times(9, http2Frame(CONTINUATION, on(1, octets(0x88))))],
  [
    'CONTINUATION that is too long',
    ENHANCE_YOUR_CALM,
    begun,
    ...times(8, http2Frame(CONTINUATION, on(1, Buffer.alloc(16_384)))),
  ],
  ['PRIORITY of the connection (6.3)', PROTOCOL_ERROR, http2Frame(PRIORITY, on(0, Buffer.alloc(5)))],
  ['RST_STREAM of the connection (6.4)', PROTOCOL_ERROR, http2Frame(RST_STREAM, on(0, uint32(8)))],
  ['RST_STREAM of a stream that never was (6.4)', PROTOCOL_ERROR, http2Frame(RST_STREAM, on(3, uint32(8)))],
  ['RST_STREAM of three octets (6.4)', FRAME_SIZE_ERROR, http2Frame(RST_STREAM, on(1, Buffer.alloc(3)))],
  ['SETTINGS of a stream (6.5)', PROTOCOL_ERROR, http2Frame(SETTINGS, on(1))],
  ['half a setting (6.5)', FRAME_SIZE_ERROR, http2Frame(SETTINGS, on(0, Buffer.alloc(5)))],
  ['SETTINGS that acknowledge and set (6.5)', FRAME_SIZE_ERROR, http2Frame(SETTINGS, on(0, Buffer.alloc(6), ACK))],
  ['a second acknowledgement of what was set once', PROTOCOL_ERROR, http2Frame(SETTINGS, on(0, octets(), ACK))],
  ['a client that is to push (6.5.2)', PROTOCOL_ERROR, setting(2, 1)],
  ['a window that is too large, by SETTINGS (6.5.2)', FLOW_CONTROL_ERROR, setting(4, 2 ** 31)],
  ['frames smaller than all have to take (6.5.2)', PROTOCOL_ERROR, setting(5, 16_383)],
  ['frames larger than there are (6.5.2)', PROTOCOL_ERROR, setting(5, 2 ** 24)],
  [
    'a running window that gets too large by SETTINGS (6.9.2)',
    FLOW_CONTROL_ERROR,
    http2Frame(WINDOW_UPDATE, on(1, uint32(2 ** 31 - 1 - 65_535))),
    setting(4, 65_600),
  ],
  [
    'PUSH_PROMISE, which is forbidden (8.4)',
    PROTOCOL_ERROR,
    http2Frame(PUSH_PROMISE, on(1, octets(0, 0, 0, 2, 0x88), 4)),
  ],
  ['PING of a stream (6.7)', PROTOCOL_ERROR, http2Frame(PING, on(1, Buffer.alloc(8)))],
  ['PING of seven octets (6.7)', FRAME_SIZE_ERROR, http2Frame(PING, on(0, Buffer.alloc(7)))],
  ['GOAWAY of a stream (6.8)', PROTOCOL_ERROR, http2Frame(GOAWAY, on(1, Buffer.alloc(8)))],
  ['GOAWAY without a code (6.8)', FRAME_SIZE_ERROR, http2Frame(GOAWAY, on(0, Buffer.alloc(7)))],
  ['WINDOW_UPDATE of three octets (6.9)', FRAME_SIZE_ERROR, http2Frame(WINDOW_UPDATE, on(0, Buffer.alloc(3)))],
  ['WINDOW_UPDATE of nothing (6.9)', PROTOCOL_ERROR, http2Frame(WINDOW_UPDATE, on(0, uint32(0)))],
  ['a window that is too large (6.9.1)', FLOW_CONTROL_ERROR, http2Frame(WINDOW_UPDATE, on(0, uint32(2 ** 31 - 1)))],
  ['WINDOW_UPDATE of a stream that never was (5.1)', PROTOCOL_ERROR, http2Frame(WINDOW_UPDATE, on(7, uint32(1)))],
  ['a frame larger than was allowed (4.2)', FRAME_SIZE_ERROR, http2Frame(DATA, on(1, Buffer.alloc(16_385)))],
];

/** The same again and again: each is legal. */
const FLOODS: readonly (readonly [what: string, frame: Buffer])[] = [
  ['SETTINGS', http2Frame(SETTINGS)],
  ['PING', http2Frame(PING, on(0, Buffer.alloc(8)))],
  ['answers to PING', http2Frame(PING, on(0, Buffer.alloc(8), ACK))],
  ['PRIORITY', http2Frame(PRIORITY, on(1, Buffer.alloc(5)))],
  ['frames of an unknown type', http2Frame(0x77, on(1))],
  ['WINDOW_UPDATE of the connection', http2Frame(WINDOW_UPDATE, on(0, uint32(1)))],
  ['WINDOW_UPDATE of a stream', http2Frame(WINDOW_UPDATE, on(1, uint32(1)))],
  ['informational headers', headersFrame(literal(':status', '103'))],
  ['empty DATA', http2Frame(DATA, on(1))],
  ['GOAWAY that changes nothing', http2Frame(GOAWAY, on(0, uint32(2 ** 31 - 1, 0)))],
];

describe('a connection of our own framing ends by GOAWAY, and its call as UNAVAILABLE, for', () => {
  async function goodbye(...frames: Buffer[]): Promise<number> {
    const peer = await RawPeer.start((it) => it.send(...frames), answers('again'));
    const error = asServiceError(await unary(openClient('framed', peer.address)).catch((reason) => reason));
    expect(error.details).toMatch(/^Connection dropped: the server broke HTTP\/2: /);
    expect(error.code).toBe(14);
    const { payload } = await peer.awaits(GOAWAY);
    return payload.readUInt32BE(4);
  }

  it.each(BREACHES.map(([what, code, ...frames]) => ({ what, code, frames })))('$what', async ({ code, frames }) => {
    expect(await goodbye(...frames)).toBe(code);
  });

  it.each(FLOODS)('%s without end', async (what, frame) => {
    const first = what === 'empty DATA' ? [headersFrame(RESPONSE)] : [];
    expect(await goodbye(...first, ...times(3_000, frame))).toBe(ENHANCE_YOUR_CALM);
  });

  it.each([
    ['RST_STREAM', http2Frame(RST_STREAM, on(1, uint32(8)))],
    ['HEADERS', headersFrame(RESPONSE)],
  ])('%s without end of a stream that is over', async (_, frame) => {
    const over = http2Frame(RST_STREAM, on(1, uint32(8)));
    const peer = await RawPeer.start(
      (it) => it.send(over),
      (it) => it.send(...times(3_000, frame)),
    );
    const client = openClient('framed', peer.address);
    await expect(unary(client)).rejects.toThrow('Call cancelled');
    await expect(unary(client)).rejects.toThrow('too many frames that bring nothing');
    expect((await peer.awaits(GOAWAY)).payload.readUInt32BE(4)).toBe(ENHANCE_YOUR_CALM);
  });

  it.each([
    ['a frame before SETTINGS', http2Frame(PING, on(0, Buffer.alloc(8)))],
    ['an acknowledgement before SETTINGS', http2Frame(SETTINGS, { flags: ACK })],
    ['HTTP/1.1', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s', async (_, bytes) => {
    const address = await tcpServer((socket) => socket.on('data', () => {}).write(bytes));
    await expect(unary(openClient('framed', address))).rejects.toThrow('the server broke HTTP/2');
  });
});
