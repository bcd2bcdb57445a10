import { createServer } from 'node:tls';
import { type Client, Metadata } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { asIs, serverStream, textsOf, unary } from '../../test/calls.js';
import { TestAuthority } from '../../test/certificates.js';
import {
  CONTINUATION,
  DATA,
  HEADERS,
  http2Frame,
  PING,
  PRIORITY,
  RST_STREAM,
  uint32,
  WINDOW_UPDATE,
} from '../../test/http2-frames.js';
import { nameOf, openClient } from '../../test/open-client.js';
import { answerFrames, answers, headersFrame, literal, RawPeer, RESPONSE, TRAILERS } from '../../test/raw-peer.js';
import { frameOf } from '../../test/raw-server.js';
import {
  CANCEL,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  PROTOCOL_ERROR,
  STREAM_CLOSED,
} from './protocol.js';

const [END_STREAM, END_HEADERS, PADDED, HAS_PRIORITY] = [1, 4, 8, 0x20];

const data = (text: string, flags = 0) => http2Frame(DATA, { stream: 1, flags, payload: frameOf(text) });
const head = (...fields: Buffer[]) => headersFrame(Buffer.concat(fields));
const last = (...fields: Buffer[]) => headersFrame(Buffer.concat(fields), { isLast: true });
const STATUS = Buffer.from([0x88]);
const GRPC = literal('content-type', 'application/grpc');
const response = headersFrame(RESPONSE);
const message = data('x');

/** What a server says in a stream, and by which code the client has to end the stream, and no more than it (RFC 9113, where not said otherwise). */
const BREACHES: readonly (readonly [what: string, code: number, ...frames: Buffer[]])[] = [
  ['data before headers (8.1)', PROTOCOL_ERROR, message],
  ['a name in capitals (8.2.1)', PROTOCOL_ERROR, head(RESPONSE, literal('Name', 'x'))],
  ['a name that is none (8.2.1)', PROTOCOL_ERROR, head(RESPONSE, literal('a b', 'x'))],
  ['an empty name (8.2.1)', PROTOCOL_ERROR, head(RESPONSE, literal('', 'x'))],
  ['a value with a line break (8.2.1)', PROTOCOL_ERROR, head(RESPONSE, literal('x', 'a\r\nb: c'))],
  ['a value with NUL (8.2.1)', PROTOCOL_ERROR, head(RESPONSE, literal('x', 'a\0b'))],
  ['a value with space around it (8.2.1)', PROTOCOL_ERROR, head(RESPONSE, literal('x', 'a '))],
  ['a header of connections (8.2.2)', PROTOCOL_ERROR, head(RESPONSE, literal('connection', 'close'))],
  ['transfer-encoding (8.2.2)', PROTOCOL_ERROR, head(RESPONSE, literal('transfer-encoding', 'chunked'))],
  ['a pseudo-header that there is not (8.3)', PROTOCOL_ERROR, head(STATUS, literal(':other', 'x'), GRPC)],
  ['a pseudo-header of requests (8.3)', PROTOCOL_ERROR, head(STATUS, literal(':path', '/'), GRPC)],
  ['no :status (8.3.2)', PROTOCOL_ERROR, head(GRPC)],
  ['two :status (8.3)', PROTOCOL_ERROR, head(STATUS, STATUS, GRPC)],
  [':status after another header (8.3)', PROTOCOL_ERROR, head(GRPC, STATUS)],
  ['a :status that is none', PROTOCOL_ERROR, head(literal(':status', '20x'), GRPC)],
  ['another protocol, 101 (8.6)', PROTOCOL_ERROR, head(literal(':status', '101'))],
  ['an informational answer that is the last (8.1)', PROTOCOL_ERROR, last(literal(':status', '103'))],
  ['trailers that are not the last (8.1)', PROTOCOL_ERROR, response, message, head(TRAILERS)],
  ['trailers with a pseudo-header (8.1)', PROTOCOL_ERROR, response, message, last(STATUS, TRAILERS)],
  ['a content-length that is none (8.1.1)', PROTOCOL_ERROR, head(RESPONSE, literal('content-length', 'x'))],
  ['more data than content-length (8.1.1)', PROTOCOL_ERROR, head(RESPONSE, literal('content-length', '5')), message],
  [
    'less data than content-length, and trailers (8.1.1)',
    PROTOCOL_ERROR,
    head(RESPONSE, literal('content-length', '7')),
    message,
    last(TRAILERS),
  ],
  [
    'less data than content-length (8.1.1)',
    PROTOCOL_ERROR,
    head(RESPONSE, literal('content-length', '7')),
    data('x', END_STREAM),
  ],
  [
    'no data at all for a content-length (8.1.1)',
    PROTOCOL_ERROR,
    last(RESPONSE, literal('content-length', '7'), TRAILERS),
  ],
  [
    'a window that grows by nothing (6.9)',
    PROTOCOL_ERROR,
    http2Frame(WINDOW_UPDATE, { stream: 1, payload: uint32(0) }),
  ],
  [
    'a window that is too large (6.9.1)',
    FLOW_CONTROL_ERROR,
    http2Frame(WINDOW_UPDATE, { stream: 1, payload: uint32(2 ** 31 - 1) }),
  ],
  ['a priority of four octets (6.3)', FRAME_SIZE_ERROR, http2Frame(PRIORITY, { stream: 1, payload: Buffer.alloc(4) })],
  ['more than 128 headers', ENHANCE_YOUR_CALM, head(RESPONSE, ...Array.from({ length: 128 }, () => literal('x', 'y')))],
];

/** What is legal, if unusual, around an answer. */
const ODDITIES: readonly (readonly [what: string, ...frames: Buffer[]])[] = [
  ['with priorities (5.3.2)', http2Frame(PRIORITY, { stream: 1, payload: Buffer.alloc(5) }), ...answerFrames('fine')],
  [
    'with frames of a type that is unknown (5.5)',
    http2Frame(0x77, { stream: 1, payload: Buffer.alloc(9) }),
    ...answerFrames('fine'),
  ],
  [
    'after informational answers (8.1)',
    head(literal(':status', '100')),
    head(literal(':status', '103'), literal('link', 'x')),
    ...answerFrames('fine'),
  ],
  [
    'with padding and priority (6.1, 6.2)',
    http2Frame(HEADERS, {
      stream: 1,
      flags: END_HEADERS | PADDED | HAS_PRIORITY,
      payload: Buffer.concat([Buffer.from([3, 0, 0, 0, 0, 9]), RESPONSE, Buffer.alloc(3)]),
    }),
    http2Frame(DATA, {
      stream: 1,
      flags: PADDED,
      payload: Buffer.concat([Buffer.from([255]), frameOf('fine'), Buffer.alloc(255)]),
    }),
    last(TRAILERS),
  ],
  [
    'with headers in three parts, one of them empty (6.10)',
    headersFrame(RESPONSE.subarray(0, 4), { hasMore: true }),
    http2Frame(CONTINUATION, { stream: 1 }),
    http2Frame(CONTINUATION, { stream: 1, flags: END_HEADERS, payload: RESPONSE.subarray(4) }),
    ...answerFrames('fine').slice(1),
  ],
  [
    'of the right content-length (8.1.1)',
    head(RESPONSE, literal('content-length', '9')),
    ...answerFrames('fine').slice(1),
  ],
  [
    'with the bit that is reserved (4.1)',
    ...answerFrames('fine').map((frame) =>
      Buffer.concat([frame.subarray(0, 5), Buffer.from([0x80, 0, 0, 1]), frame.subarray(9)]),
    ),
  ],
  [
    'with a change of the table before its headers (RFC 7541, 4.2)',
    head(Buffer.from([0x20, 0x3f, 0xe1, 0x1f]), RESPONSE),
    ...answerFrames('fine').slice(1),
  ],
];

/** The call of a stream, and one after it on the same connection. */
async function twoCalls(frames: readonly Buffer[]): Promise<{ peer: RawPeer; first: string; second: string }> {
  const peer = await RawPeer.start((it) => it.send(...frames), answers('still here'));
  const client = openClient('framed', peer.address);
  const first = await unary(client).then((answer) => String(answer.message), nameOf);
  const second = String((await unary(client)).message);
  expect(peer.connections).toBe(1);
  return { peer, first, second };
}

describe('a stream of our own framing', () => {
  it.each(BREACHES.map(([what, code, ...frames]) => ({ what, code, frames })))(
    'ends by RST_STREAM for $what; others go on',
    async ({ code, frames }) => {
      const { peer, first, second } = await twoCalls(frames);
      expect(first).toBe(code === ENHANCE_YOUR_CALM ? 'RESOURCE_EXHAUSTED' : 'INTERNAL');
      expect(second).toBe('still here');
      const reset = await peer.awaits(RST_STREAM);
      expect([reset.stream, reset.payload.readUInt32BE()]).toEqual([1, code]);
    },
  );

  it.each(ODDITIES.map(([what, ...frames]) => ({ what, frames })))('takes an answer $what', async ({ frames }) => {
    const { first, second } = await twoCalls(frames);
    expect([first, second]).toEqual(['fine', 'still here']);
  });

  it('answers a PING with what it says', async () => {
    const payload = Buffer.from('12345678');
    const { peer } = await twoCalls([http2Frame(PING, { payload }), ...answerFrames('fine')]);
    const pong = await peer.awaits(PING);
    expect([pong.flags, String(pong.payload)]).toEqual([1, '12345678']);
  });

  it.each([
    ['data', message],
    ['headers', last(TRAILERS)],
  ])('ends by STREAM_CLOSED for %s after its end, while the request goes on (5.1)', async (_, frame) => {
    const peer = await RawPeer.start((it) => it.send(response, data('x', END_STREAM), frame));
    const call = bidi(openClient('framed', peer.address));
    expect(await textsOf(call).catch(nameOf)).toBe('INTERNAL');
    expect((await peer.awaits(RST_STREAM)).payload.readUInt32BE()).toBe(STREAM_CLOSED);
  });

  it('ends by FLOW_CONTROL_ERROR for more data than its window, while its reader reads nothing', async () => {
    const part = http2Frame(DATA, { stream: 1, payload: Buffer.alloc(16_384) });
    const peer = await RawPeer.start((it) =>
      it.send(response, data('a'), data('b'), ...Array.from({ length: 18 }, () => part)),
    );
    const stream = serverStream(openClient('framed', peer.address), '');
    stream.on('error', () => {});
    expect((await peer.awaits(RST_STREAM)).payload.readUInt32BE()).toBe(FLOW_CONTROL_ERROR);
  });

  it('gives back what its reader has taken, and only then', async () => {
    const part = http2Frame(DATA, { stream: 1, payload: frameOf('x'.repeat(16_379)) });
    const peer = await RawPeer.start((it) => it.send(response, ...Array.from({ length: 16 }, () => part)));
    const stream = serverStream(openClient('framed', peer.address), '');
    const messages = stream[Symbol.asyncIterator]();
    const given = () => peer.heard.filter(({ type, stream: id }) => type === WINDOW_UPDATE && id === 1);
    await messages.next();
    expect(given()).toEqual([]);
    for (let count = 1; count < 16; count++) await messages.next();
    const octets = () => given().reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0);
    await until(() => octets() === 16 * 16_384, { what: 'all of its window' });
    stream.on('error', () => {});
    stream.cancel();
    expect((await peer.awaits(RST_STREAM)).payload.readUInt32BE()).toBe(CANCEL);
  });

  it('that is over may still be spoken of by a server that does not know yet', async () => {
    const late = [message, last(TRAILERS), http2Frame(WINDOW_UPDATE, { stream: 1, payload: uint32(5) })];
    const reset = http2Frame(RST_STREAM, { stream: 1, payload: uint32(CANCEL) });
    const { first, second } = await twoCalls([response, reset, ...late, reset]);
    expect([first, second]).toEqual(['CANCELLED', 'still here']);
  });

  it('is not begun over TLS with a server that does not choose HTTP/2 (ALPN)', async () => {
    const authority = new TestAuthority();
    const server = createServer(authority.issue('localhost'), (socket) => socket.on('error', () => {}));
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const client = openClient('framed', `localhost:${port}`, { tls: { ca: authority.cert } });
    await expect(unary(client)).rejects.toThrow('the server did not choose HTTP/2 (ALPN)');
    server.close();
  });
});

/** A call whose request does not end. */
function bidi(client: Client) {
  const options = { deadline: Date.now() + 5_000 };
  const call = client.makeBidiStreamRequest('/a.B/C', asIs, asIs, new Metadata(), options);
  call.write(Buffer.from('x'));
  return call;
}
