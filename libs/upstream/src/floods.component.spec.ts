import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import { until } from '#libs/testing';
import { serverStream, textsOf, unary } from '../test/calls.js';
import { EchoServer } from '../test/echo-server.js';
import {
  CONTINUATION,
  HEADERS,
  http2Frame,
  PING,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  uint32,
  whenCalled,
} from '../test/http2-frames.js';
import { ALL, nameOf, openClient } from '../test/open-client.js';
import { frameOf, RawServer, respond, tcpServer } from '../test/raw-server.js';

const settings = http2Frame(SETTINGS);
const MANY = 50_000;

/** Begins as a server does, and sends the same frame again and again, as fast as the client takes it, until it is cut off. */
function flood(socket: Socket, frame: Buffer): void {
  const batch = Buffer.concat(Array.from({ length: 200 }, () => frame));
  let sent = 0;
  const send = () => {
    for (; sent < MANY && !socket.destroyed; sent += 200) {
      if (!socket.write(batch)) {
        sent += 200;
        socket.once('drain', send);
        return;
      }
    }
  };
  whenCalled(socket, send);
}

describe.each(ALL)('a client over %s', (channel) => {
  it.each([
    ['empty SETTINGS', settings],
    ['PING', http2Frame(PING, { payload: Buffer.alloc(8) })],
    ['PING answers that nobody asked for', http2Frame(PING, { flags: 1, payload: Buffer.alloc(8) })],
    ['RST_STREAM of a stream that was never there', http2Frame(RST_STREAM, { stream: 99, payload: uint32(8) })],
    ['RST_STREAM of its own', http2Frame(RST_STREAM, { stream: 1, payload: uint32(8) })],
    ['CONTINUATION without an end', http2Frame(CONTINUATION, { stream: 1, payload: Buffer.alloc(100) })],
    [
      'PUSH_PROMISE, which it has forbidden',
      http2Frame(PUSH_PROMISE, { flags: 4, stream: 1, payload: Buffer.from([0, 0, 0, 2, 0x88]) }),
    ],
    ['frames of an unknown type', http2Frame(0x77, { payload: Buffer.alloc(16) })],
  ])(
    'survives %s without end: calls end in time, memory does not grow, others go on',
    async (_, frame) => {
      const other = openClient(channel, (await EchoServer.start()).address);
      await unary(other);
      const attacked = openClient(channel, await tcpServer((socket) => flood(socket, frame)));
      const before = process.memoryUsage().rss;
      const failed = await Promise.all(
        Array.from({ length: 5 }, () => unary(attacked, '', { deadline: Date.now() + 1_500 }).catch(nameOf)),
      );
      for (const name of failed) expect(name).toMatch(/^(UNAVAILABLE|CANCELLED|INTERNAL|DEADLINE_EXCEEDED)$/);
      expect((await unary(other, 'still here')).message.toString()).toBe('still here');
      expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    },
    20_000,
  );

  it('survives headers without end on one stream', async () => {
    const block = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([0x00, 1, 0x78, 1, 0x79])));
    const address = await tcpServer((socket) =>
      whenCalled(socket, () => {
        socket.write(http2Frame(HEADERS, { stream: 1, payload: Buffer.concat([Buffer.from([0x88]), block]) }));
        for (let count = 0; count < 5_000; count++)
          socket.write(http2Frame(CONTINUATION, { stream: 1, payload: block }));
      }),
    );
    const failed = await unary(openClient(channel, address), '', { deadline: Date.now() + 2_000 }).catch(nameOf);
    expect(failed).toMatch(/^(UNAVAILABLE|INTERNAL|RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED)$/);
  });

  it('is used on after a server has reset a thousand calls at once', async () => {
    let isAngry = true;
    const server = await RawServer.start((stream) => {
      if (isAngry) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else respond(stream, { chunks: [frameOf('calm')] });
    });
    const client = openClient(channel, server.address);
    const all = await Promise.all(Array.from({ length: 1_000 }, () => unary(client).catch(nameOf)));
    expect(new Set(all)).toEqual(new Set(['INTERNAL']));
    isAngry = false;
    expect((await unary(client)).message.toString()).toBe('calm');
  });

  it('does not stand still for a million empty messages, nor overflow', async () => {
    const batch = Buffer.alloc(5 * 20_000);
    const server = await RawServer.start((stream) =>
      respond(stream, { chunks: Array.from({ length: 50 }, () => batch) }),
    );
    const stream = serverStream(openClient(channel, server.address), '', { deadline: Date.now() + 60_000 });
    let count = 0;
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    stream.on('data', () => count++);
    const ended = textsOf(stream);
    await until(() => count === 1_000_000, { timeout: 60_000, what: 'all messages' });
    await ended;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  }, 90_000);
});
