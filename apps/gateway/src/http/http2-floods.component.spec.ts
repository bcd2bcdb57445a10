import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect as openSocket } from 'node:net';
import { Connection } from '../../test/connection.js';
import {
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FrameConnection,
  frame,
  GET,
  headerBlock,
  PREFACE,
  Type,
} from '../../test/http2-frames.js';
import { ask, closed, Http2Gateway } from '../../test/http2-gateway.js';

let test: Http2Gateway;
beforeAll(async () => {
  test = await Http2Gateway.prepare();
});
afterEach(() => test?.stop());
afterAll(() => test?.close());

describe('HTTP/2 stands', () => {
  beforeEach(() => test.start({ http2: { cleartext: true } }));

  /** Whether others are still served. */
  const serves = async () => (await test.gateway.fetch('/healthz')).status;

  it('streams that are opened and reset at once', async () => {
    const attacker = await FrameConnection.open(test.url);
    attacker.greet();
    const reset = Buffer.from([0, 0, 0, 8]);
    const block = headerBlock(GET);
    const pairs = Array.from({ length: 5_000 }, (_, at) => [
      frame(Type.HEADERS, 2 * at + 1, { flags: END_STREAM | END_HEADERS, payload: block }),
      frame(Type.RST_STREAM, 2 * at + 1, { payload: reset }),
    ]);
    attacker.send(Buffer.concat(pairs.flat()));
    // nghttp2 says what it thinks of it where the socket still takes it.
    expect([ENHANCE_YOUR_CALM, 2, undefined]).toContain(await attacker.end());
    expect(await serves()).toBe(200);
    const answered = test.gateway.lines.filter(({ msg }) => msg === 'request answered').length;
    expect(answered).toBeLessThan(1_000);
  });

  it('headers that are too many or too long, also of one who acknowledges no settings', async () => {
    const many = await FrameConnection.open(test.url);
    const fields = Array.from({ length: 200 }, (_, at) => [`x-${at}`, 'v'] as const);
    const head = { flags: END_STREAM | END_HEADERS, payload: headerBlock([...GET, ...fields]) };
    many.greet().send(frame(Type.HEADERS, 1, head));
    expect((await many.next(Type.RST_STREAM)).payload.readUInt32BE()).toBe(ENHANCE_YOUR_CALM);
    expect(many.frames.some(({ type }) => type === Type.HEADERS)).toBe(false);
    many.destroy();
    const long = await FrameConnection.open(test.url);
    const payload = headerBlock([...GET, ['x-long', 'v'.repeat(12_000)]]);
    long.greet().send(frame(Type.HEADERS, 1, { ...head, payload }));
    expect(JSON.parse((await long.next(Type.DATA)).payload.toString()).code).toBe('HEADERS_TOO_LARGE');
    long.destroy();
    expect(await serves()).toBe(200);
  });

  it('CONTINUATION frames without end', async () => {
    const attacker = await FrameConnection.open(test.url);
    attacker.greet().send(frame(Type.HEADERS, 1, { flags: END_STREAM, payload: headerBlock(GET) }));
    const more = frame(Type.CONTINUATION, 1, { payload: headerBlock([['x', 'y']]) });
    attacker.send(Buffer.concat(Array.from({ length: 10_000 }, () => more)));
    await attacker.end();
    expect(await serves()).toBe(200);
    expect(test.gateway.lines.filter(({ msg }) => msg === 'request answered')).toHaveLength(1);
  });

  it.each([
    ['pings', frame(Type.PING, 0, { payload: Buffer.alloc(8) })],
    ['settings', frame(Type.SETTINGS, 0, { payload: Buffer.from([0, 3, 0, 0, 0, 100]) })],
  ])('a flood of %s whose answers nobody reads', async (_, flood) => {
    const { hostname, port } = new URL(test.url);
    const socket = openSocket(Number(port), hostname).pause();
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(Buffer.concat([PREFACE, frame(Type.SETTINGS, 0)]));
    const many = Buffer.concat(Array.from({ length: 5_000 }, () => flood));
    // Until the server has ended it, which is all that a client hears who does not read.
    const go = () => socket.write(many, (error) => error ?? setImmediate(go));
    go();
    await closed(socket);
    expect(await serves()).toBe(200);
  });

  it('a greeting that comes by the byte, or not at all', async () => {
    const slow = await Connection.open(test.url);
    slow.send(PREFACE.subarray(0, 20));
    expect((await slow.answers())[0]?.status).toBe(408);
    const silent = await FrameConnection.open(test.url);
    silent.greet();
    expect(await silent.end()).toBe(0);
    const gone = await Connection.open(test.url);
    gone.send('PRI').finish();
    await gone.end();
    expect(await serves()).toBe(200);
  }, 20_000);

  it('headers whose end never comes, and a connection that only pings', async () => {
    const slow = await FrameConnection.open(test.url);
    slow.greet().send(frame(Type.HEADERS, 1, { flags: END_STREAM, payload: headerBlock(GET) }));
    const pinging = await FrameConnection.open(test.url);
    pinging.greet();
    const pings = setInterval(() => pinging.send(frame(Type.PING, 0, { payload: Buffer.alloc(8) })), 100);
    await Promise.all([slow.end(), pinging.end()]);
    clearInterval(pings);
    expect(await serves()).toBe(200);
  }, 20_000);

  it('a body whose end never comes', async () => {
    const client = test.session();
    const headers = { ':path': '/v1/books/dune', 'content-type': 'application/json' };
    const stream = client.request(headers, { endStream: false });
    stream.on('error', () => {});
    stream.write('{');
    await closed(stream);
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    const empty = { ':path': '/v1/books/dune:watch', 'content-length': '0' };
    const watch = client.request(empty, { endStream: false }).resume();
    watch.on('error', () => {});
    await closed(watch);
    expect(watch.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    expect((await ask(client, { ':path': '/healthz' })).status).toBe(200);
  }, 20_000);
});
