import { constants } from 'node:http2';
import { type Client, Metadata, status } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { asIs, serverStream, textsOf, unary } from '../test/calls.js';
import { DATA, GRPC_HEADERS, http2Frame, RST_STREAM, uint32, whenCalled } from '../test/http2-frames.js';
import { ALL, asServiceError, nameOf, openClient } from '../test/open-client.js';
import { frameOf, RawServer, respond, tcpServer } from '../test/raw-server.js';

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INADEQUATE_SECURITY } = constants;
const { NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_FLOW_CONTROL_ERROR } = constants;

describe.each(ALL)('an answer over %s', (channel) => {
  const isOurs = channel !== 'grpc-js';

  /** What a unary call makes of what a server does with its stream. */
  async function outcome(onStream: Parameters<typeof RawServer.start>[0], deadlineMs = 3_000): Promise<string> {
    const client = openClient(channel, (await RawServer.start(onStream)).address);
    const call = unary(client, 'x', { deadline: Date.now() + deadlineMs });
    return call.then(({ message }) => `OK ${message}`, nameOf);
  }

  /** A call that has more to send than the server's windows let out. */
  function upload(client: Client) {
    const options = { deadline: Date.now() + 3_000 };
    const call = client.makeBidiStreamRequest('/a.B/C', asIs, asIs, new Metadata(), options);
    call.write(Buffer.alloc(300_000));
    return call;
  }

  describe('in pieces', () => {
    const whole = frameOf('hello');
    it.each([
      ['one message in one frame', [whole]],
      ['each byte in a frame of its own', [...whole].map((byte) => Buffer.from([byte]))],
      ['its prefix and its body apart', [whole.subarray(0, 5), whole.subarray(5)]],
      ['its prefix in two', [whole.subarray(0, 3), whole.subarray(3)]],
      ['with an empty frame in between', [whole.subarray(0, 6), Buffer.alloc(0), whole.subarray(6)]],
    ])('%s is read', async (_, chunks) => {
      expect(await outcome((stream) => respond(stream, { chunks }))).toBe('OK hello');
    });

    it('is told as a stream of messages, however they are cut', async () => {
      const bytes = Buffer.concat(['a', '', 'bb', 'ccc', ''].map((text) => frameOf(text)));
      for (let at = 1; at < bytes.length; at++) {
        const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
        const { address } = await RawServer.start((stream) => respond(stream, { chunks }));
        expect(await textsOf(serverStream(openClient(channel, address), ''))).toEqual(['a', '', 'bb', 'ccc', '']);
      }
    });
  });

  describe('without what gRPC asks for', () => {
    it.each([
      [400, 'INTERNAL'],
      [401, 'UNAUTHENTICATED'],
      [403, 'PERMISSION_DENIED'],
      [404, 'UNIMPLEMENTED'],
      [429, 'UNAVAILABLE'],
      [500, 'UNKNOWN'],
      [502, 'UNAVAILABLE'],
      [503, 'UNAVAILABLE'],
      [504, 'UNAVAILABLE'],
    ])('of HTTP status %i is %s, with a page or without', async (httpStatus, expected) => {
      const headers = { ':status': httpStatus, 'content-type': 'text/html' };
      const plain = (stream: Parameters<typeof respond>[0]) => stream.respond(headers, { endStream: true });
      expect(await outcome(plain)).toBe(expected);
      const page = (stream: Parameters<typeof respond>[0]) => {
        stream.respond(headers);
        stream.end('<html>it does not work</html>');
      };
      expect(await outcome(page)).toBe(expected);
    });

    it('but a page of HTTP status 200 is UNKNOWN; grpc-js reads it as a message of an absurd length', async () => {
      const page = outcome((stream) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' });
        stream.end('<html>hello</html>');
      });
      expect(await page).toBe(isOurs ? 'UNKNOWN' : 'RESOURCE_EXHAUSTED');
    });

    it('that ends without trailers is INTERNAL', async () => {
      const cut = outcome((stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.end(frameOf('x'));
      });
      expect(await cut).toBe('INTERNAL');
    });

    it('whose trailers have no status is UNKNOWN', async () => {
      expect(await outcome((stream) => respond(stream, { chunks: [frameOf('x')], trailers: { other: 'a' } }))).toBe(
        'UNKNOWN',
      );
    });

    it('with OK and no message is UNIMPLEMENTED', async () => {
      expect(await outcome((stream) => respond(stream))).toBe('UNIMPLEMENTED');
    });

    it('whose last message is not complete is INTERNAL; grpc-js leaves the message out', async () => {
      const half = (stream: Parameters<typeof respond>[0]) =>
        respond(stream, { chunks: [frameOf('whole'), frameOf('half').subarray(0, 7)] });
      const { address } = await RawServer.start(half);
      const stream = serverStream(openClient(channel, address), '');
      const read = textsOf(stream).catch(nameOf);
      expect(await read).toEqual(isOurs ? 'INTERNAL' : ['whole']);
    });

    it('with a code that there is not is UNKNOWN; grpc-js passes it on', async () => {
      const failed = (code: string) => outcome((stream) => respond(stream, { trailers: { 'grpc-status': code } }));
      expect(await failed('99')).toBe(isOurs ? 'UNKNOWN' : 'code 99');
      expect(await failed('x')).toBe(isOurs ? 'UNKNOWN' : 'code NaN');
    });

    it('with a message larger than it may be is RESOURCE_EXHAUSTED before it has come', async () => {
      const prefix = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
      const server = await RawServer.start((stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(prefix);
      });
      expect(await unary(openClient(channel, server.address)).catch(nameOf)).toBe('RESOURCE_EXHAUSTED');
      await until(() => server.resets.length === 1, { what: 'the stream to be reset' });
      expect(server.resets).toEqual([NGHTTP2_CANCEL]);
    });

    it('with a compressed message that was not asked for is INTERNAL; grpc-js gives no code', async () => {
      const compressed = outcome((stream) => respond(stream, { chunks: [frameOf('x', 1)] }));
      expect(await compressed).toBe(isOurs ? 'INTERNAL' : 'code undefined');
    });

    it('in an encoding that is unknown is INTERNAL; grpc-js gives no code', async () => {
      const headers = { 'grpc-encoding': 'zip' };
      const encoded = outcome((stream) => respond(stream, { headers, chunks: [frameOf('x', 1)] }));
      expect(await encoded).toBe(isOurs ? 'INTERNAL' : 'code undefined');
    });

    it('with more headers than node takes (128) ends the call, not the process', async () => {
      const headers = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, 'y']));
      expect(await outcome((stream) => respond(stream, { headers, chunks: [frameOf('x')] }))).toBe(
        'RESOURCE_EXHAUSTED',
      );
    });

    it('to one message with two is no answer: it ends with the deadline', async () => {
      const twice = outcome((stream) => respond(stream, { chunks: [frameOf('a'), frameOf('b')] }), 500);
      expect(await twice).toBe('DEADLINE_EXCEEDED');
    });
  });

  it.each([
    ['NO_ERROR', NGHTTP2_NO_ERROR, 'INTERNAL'],
    ['PROTOCOL_ERROR', NGHTTP2_PROTOCOL_ERROR, 'INTERNAL'],
    ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR, 'INTERNAL'],
    ['FLOW_CONTROL_ERROR', NGHTTP2_FLOW_CONTROL_ERROR, 'INTERNAL'],
    ['REFUSED_STREAM', NGHTTP2_REFUSED_STREAM, 'UNAVAILABLE'],
    ['CANCEL', NGHTTP2_CANCEL, 'CANCELLED'],
    ['ENHANCE_YOUR_CALM', NGHTTP2_ENHANCE_YOUR_CALM, 'RESOURCE_EXHAUSTED'],
    ['INADEQUATE_SECURITY', NGHTTP2_INADEQUATE_SECURITY, 'PERMISSION_DENIED'],
  ])('reset by %s becomes what gRPC says, before it began and in its middle', async (_name, code, expected) => {
    expect(await outcome((stream) => stream.close(code))).toBe(expected);
    const address = await tcpServer((socket) =>
      whenCalled(socket, () => {
        const payload = frameOf('x').subarray(0, 3);
        const reset = http2Frame(RST_STREAM, { stream: 1, payload: uint32(code) });
        socket.write(Buffer.concat([GRPC_HEADERS, http2Frame(DATA, { stream: 1, payload }), reset]));
      }),
    );
    expect(await unary(openClient(channel, address)).catch(nameOf)).toBe(expected);
  });

  it('of trailers alone is read', async () => {
    const headers = {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': '5',
      'grpc-message': 'no%20such%20%E2%9C%93%',
      'why-bin': Buffer.from('because').toString('base64'),
    };
    const { address } = await RawServer.start((stream) => stream.respond(headers, { endStream: true }));
    const error = asServiceError(await unary(openClient(channel, address)).catch((reason) => reason));
    expect(error.code).toBe(status.NOT_FOUND);
    // What is not percent-encoded right is shown as it came.
    expect(error.details).toBe('no%20such%20%E2%9C%93%');
    expect(error.metadata.get('why-bin')).toEqual([Buffer.from('because')]);
  });

  it('has its text decoded, reserved characters too; grpc-js leaves those', async () => {
    const trailers = { 'grpc-status': '3', 'grpc-message': 'a%2Fb%20c' };
    const { address } = await RawServer.start((stream) => respond(stream, { trailers }));
    const error = asServiceError(await unary(openClient(channel, address)).catch((reason) => reason));
    expect(error.details).toBe(isOurs ? 'a/b c' : 'a%2Fb c');
  });

  it('that came before an error is told before it; grpc-js may leave it out', async () => {
    const chunks = ['a', 'b', 'c'].map((text) => frameOf(text));
    const { address } = await RawServer.start((stream) =>
      respond(stream, { chunks, trailers: { 'grpc-status': '10' } }),
    );
    const told: string[] = [];
    const read = async () => {
      for await (const bytes of serverStream(openClient(channel, address), '')) told.push(String(bytes));
    };
    expect(await read().catch(nameOf)).toBe('ABORTED');
    if (isOurs) expect(told).toEqual(['a', 'b', 'c']);
  });

  it('that is reset after its trailers ends, while the request goes on; grpc-js waits for the deadline', async () => {
    const server = await RawServer.start((stream) => {
      stream.pause();
      stream.on('wantTrailers', () => setImmediate(() => stream.close(NGHTTP2_NO_ERROR)));
      respond(stream, { chunks: Array.from({ length: 20 }, () => frameOf('x'.repeat(5_000))) });
    });
    const call = upload(openClient(channel, server.address));
    const begun = Date.now();
    const ended = textsOf(call).then((texts) => texts.length, nameOf);
    expect(isOurs ? [20, 'INTERNAL'] : ['DEADLINE_EXCEEDED']).toContain(await ended);
    if (isOurs) expect(Date.now() - begun).toBeLessThan(2_500);
  });

  it('that ends by RST_STREAM without an error, while the request goes on, is INTERNAL; grpc-js waits for the deadline', async () => {
    const server = await RawServer.start((stream) => {
      stream.pause();
      stream.on('finish', () => stream.close(NGHTTP2_NO_ERROR));
      respond(stream, { chunks: [frameOf('x')] });
    });
    const call = upload(openClient(channel, server.address));
    expect(await textsOf(call).catch(nameOf)).toBe(isOurs ? 'INTERNAL' : 'DEADLINE_EXCEEDED');
  });

  it('that does not come ends with the deadline, also while the server accepts nothing but connections', async () => {
    expect(await outcome(() => {}, 300)).toBe('DEADLINE_EXCEEDED');
    const silent = openClient(channel, await tcpServer(() => {}));
    const begun = Date.now();
    expect(await unary(silent, '', { deadline: begun + 300 }).catch(nameOf)).toBe('DEADLINE_EXCEEDED');
    expect(Date.now() - begun).toBeLessThan(1_500);
  });

  it('of something that is not HTTP/2 is UNAVAILABLE', async () => {
    const address = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await unary(openClient(channel, address)).catch(nameOf)).toBe('UNAVAILABLE');
  });

  it('early, before all of the request is read, ends the writing', async () => {
    const server = await RawServer.start((stream) => {
      stream.pause();
      respond(stream, { trailers: { 'grpc-status': '7' } });
    });
    const call = openClient(channel, server.address).makeBidiStreamRequest(
      ...(['/a.B/C', asIs, asIs, new Metadata(), { deadline: Date.now() + 5_000 }] as const),
    );
    for (let count = 0; count < 20; count++) call.write(Buffer.alloc(100_000));
    expect(await textsOf(call).catch(nameOf)).toBe('PERMISSION_DENIED');
  });

  it('is awaited by a writer that is faster than the server, and holds no more than windows and buffers', async () => {
    const server = await RawServer.start((stream) => stream.pause());
    const call = openClient(channel, server.address).makeBidiStreamRequest(
      ...(['/a.B/C', asIs, asIs, new Metadata(), { deadline: Date.now() + 20_000 }] as const),
    );
    call.on('error', () => {});
    let taken = 0;
    const part = Buffer.alloc(64 * 1024);
    const write = () => {
      if (taken < 500) call.write(part, accepted);
    };
    const accepted = () => {
      taken += 1;
      write();
    };
    write();
    let before = -1;
    const stands = () => {
      const isSame = taken === before;
      before = taken;
      return isSame;
    };
    await until(stands, { what: 'the writer to stop', interval: 300 });
    expect(taken).toBeLessThan(50);
    call.cancel();
  });
});
