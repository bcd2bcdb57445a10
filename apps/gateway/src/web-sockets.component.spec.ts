import { status } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { FilesGateway } from '../test/files-gateway.js';
import { FramesClient } from '../test/frames-client.js';
import { standsStill } from '../test/stands-still.js';
import type { Fields } from '../test/test-files.js';

const ORIGIN = 'https://shop.example';
const MORE = {
  corsOrigins: [ORIGIN],
  limits: { requestSeconds: 1 },
  streams: { messageBytes: 100_000, heartbeatSeconds: 0.3, perCaller: 4 },
};

// Ours, and grpc-js's; the http2 channel has the calls of the first, and a suite of its own.
describe.each(['framed', 'grpc-js'])('a WebSocket, over %s', (channel) => {
  let files: FilesGateway;
  beforeAll(async () => {
    files = await FilesGateway.prepare();
    const Chat = { authenticated: true };
    const Ask = { throttle: [{ rate: 0.01, burst: 20, per: ['ROUTE'] }] };
    await files.start({ channel, policies: { Chat, Ask } }, MORE);
  });
  afterAll(() => files?.stop());
  beforeEach(() => files.upstream.reset());

  const chat = async () => {
    const headers = { authorization: `Bearer ${await files.issuer.token({ sub: `reader-${Math.random()}` })}` };
    return FramesClient.open(`${files.url}/v1/rooms/a:chat`, { headers });
  };
  const echo = () =>
    files.upstream.on('Chat', (call) => {
      call.on('data', ({ room, text }: Fields) => call.write({ room, text: `${text}!` }));
      call.on('end', () => call.end());
    });
  const watch = (query = '', options = {}) => FramesClient.open(`${files.url}/v1/rooms/a:watch${query}`, options);
  /** What is broken off before it has left is cancelled nowhere. */
  const called = () => until(() => files.upstream.calls.length === 1, { what: 'the call' });
  const cancelled = () => until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });

  describe('of a stream of responses', () => {
    it('tells a message a frame, and that all is said by its code', async () => {
      files.upstream.on('Watch', (call) => {
        call.write({ room: call.request.room, number: 1n, text: 'ä' });
        call.write({ number: 2n });
        call.end();
      });
      const client = await watch();
      expect(await client.ended()).toEqual([1000, '', undefined]);
      expect(client.frames).toEqual([
        { room: 'a', number: '1', text: 'ä' },
        { room: '', number: '2', text: '' },
      ]);
      await until(() => files.gateway.lines.find((line) => line.status === 101), { what: 'its line in the log' });
    });

    it('goes on after what was seen last, by the field of the request or by Last-Event-ID', async () => {
      const after: unknown[] = [];
      files.upstream.on('Watch', (call) => {
        after.push(call.request.after);
        call.end();
      });
      await (await watch('?after=41')).ended();
      await (await watch('', { headers: { 'last-event-id': '42' } })).ended();
      expect(after).toEqual([41n, 42n]);
    });

    it('goes on by itself where the replica that sends it goes away', async () => {
      const after: unknown[] = [];
      files.upstream.on('Watch', (call) => {
        after.push(call.request.after);
        call.write({ number: BigInt(after.length) });
        if (after.length < 3) call.emit('error', { code: status.UNAVAILABLE, details: 'x' });
        else call.end();
      });
      const client = await watch();
      await client.ended();
      expect(client.frames.map((frame) => (frame as { number: string }).number)).toEqual(['1', '2', '3']);
      expect(after).toEqual([0n, 1n, 2n]);
    });

    it('tells a failure in a frame, then closes with a code for it', async () => {
      files.upstream.on('Watch', (call) => call.emit('error', { code: status.NOT_FOUND, details: 'no such room' }));
      const client = await watch();
      expect(await client.ended()).toEqual([4404, 'NOT_FOUND', 'NOT_FOUND']);
      expect(client.frames).toMatchObject([{ error: { status: 404, detail: 'no such room' } }]);
      files.upstream.on('Watch', (call) => call.emit('error', { code: status.INTERNAL, details: 'x' }));
      expect(await (await watch()).ended()).toEqual([1011, 'INTERNAL', 'INTERNAL']);
    });

    it('takes no messages: who sends one is told so', async () => {
      files.upstream.on('Watch', () => {});
      const client = await watch();
      await called();
      client.send({ text: 'x' });
      expect(await client.ended()).toEqual([4400, 'BAD_REQUEST', 'BAD_REQUEST']);
      await cancelled();
    });

    it('takes its request from the first frame where the rule has a body', async () => {
      files.upstream.on('Ask', (call) => {
        call.write({ room: call.request.room, number: call.request.after });
        call.end();
      });
      const client = await FramesClient.open(`${files.url}/v1/rooms/b:ask`);
      client.send({ after: 7 });
      expect(await client.ended()).toEqual([1000, '', undefined]);
      expect(client.frames).toEqual([{ room: 'b', number: '7', text: '' }]);
      const wrong = (await FramesClient.open(`${files.url}/v1/rooms/b:ask`)).send({ aftr: 7 });
      expect(await wrong.ended()).toEqual([4400, 'UNKNOWN_FIELD', 'UNKNOWN_FIELD']);
      const silent = await FramesClient.open(`${files.url}/v1/rooms/b:ask`);
      expect(await silent.ended()).toEqual([4408, 'REQUEST_TIMEOUT', 'REQUEST_TIMEOUT']);
    });

    it('is cancelled at the service when its reader leaves, in good order or not', async () => {
      files.upstream.on('Watch', (call) => call.write({ number: 1n }));
      const polite = await watch();
      await polite.got(1);
      polite.socket.close(1000);
      await cancelled();
      const rude = await watch();
      await rude.got(1);
      rude.socket.terminate();
      await until(() => files.upstream.cancelled === 2, { what: 'the second call to be cancelled' });
    });

    it('holds the service back when its reader is slow', async () => {
      let written = 0;
      files.upstream.on('Watch', (call) => {
        const pump = () => {
          while (written < 100_000) {
            written++;
            if (!call.write({ text: 'x'.repeat(1_000) })) return;
          }
        };
        call.on('drain', pump);
        pump();
      });
      const client = await watch();
      client.socket.pause();
      await until(
        standsStill(() => written),
        { what: 'the service to be held back', interval: 400, timeout: 30_000 },
      );
      expect(written).toBeLessThan(60_000);
      client.socket.terminate();
      await cancelled();
    }, 60_000);
  });

  describe('of a stream of requests', () => {
    it('has its answer after the empty frame that ends it', async () => {
      files.upstream.on('Sum', (call, reply) => {
        let count = 0;
        call.on('data', () => count++);
        call.on('end', () => reply(null, { count }));
      });
      const client = await FramesClient.open(`${files.url}/v1/a:sum`);
      client.send({ value: 1 }, { value: 2 }).end();
      expect(await client.ended()).toEqual([1000, '', undefined]);
      expect(client.frames).toEqual([{ total: '0', count: 2 }]);
    });

    it('is told which of its messages is wrong', async () => {
      files.upstream.on('Sum', (call) => call.on('data', () => {}));
      const client = await FramesClient.open(`${files.url}/v1/a:sum`);
      await called();
      client.send({ value: 1 }, { value: 'x' });
      expect(await client.ended()).toEqual([4400, 'VALIDATION_FAILED', 'VALIDATION_FAILED']);
      expect(client.frames).toMatchObject([{ error: { violations: [{ field: '[1].value' }] } }]);
      await cancelled();
    });

    it('that just ends is cancelled, not answered', async () => {
      files.upstream.on('Sum', (call) => call.on('data', () => {}));
      const client = await FramesClient.open(`${files.url}/v1/a:sum`);
      client.send({ value: 1 });
      await called();
      client.socket.close(1000);
      await cancelled();
      expect(client.frames).toEqual([]);
    });

    it('is not read faster than the service takes it', async () => {
      let [seen, take] = [0, () => {}];
      files.upstream.on('Sum', (call, reply) => {
        call.pause();
        take = () => call.resume();
        call.on('data', () => seen++);
        call.on('end', () => reply(null, { count: seen }));
      });
      const client = await FramesClient.open(`${files.url}/v1/a:sum`);
      const message = { key: 'x'.repeat(90_000) };
      for (let sent = 0; sent < 300; sent++) client.send(message);
      await until(() => files.upstream.calls.length === 1, { what: 'the call' });
      await until(
        standsStill(() => client.socket.bufferedAmount),
        { what: 'the client to be held back', interval: 400, timeout: 30_000 },
      );
      expect(client.socket.bufferedAmount).toBeGreaterThan(1_000_000);
      expect(seen).toBe(0);
      take();
      client.end();
      expect(await client.got(1)).toMatchObject([{ count: 300 }]);
    }, 60_000);
  });

  describe('of a conversation', () => {
    it('goes both ways until both have ended', async () => {
      echo();
      const client = await chat();
      client.send({ text: 'one' });
      expect(await client.got(1)).toEqual([{ room: 'a', number: '0', text: 'one!' }]);
      client.send({ text: 'two' });
      await client.got(2);
      client.end();
      expect(await client.ended()).toEqual([1000, '', undefined]);
    });

    it('ends with the service, whatever the client still has to say', async () => {
      files.upstream.on('Chat', (call) => call.end());
      expect(await (await chat()).ended()).toEqual([1000, '', undefined]);
    });

    it.each<[string, (client: FramesClient) => unknown, unknown[]]>([
      ['a binary frame', ({ socket }) => socket.send(Buffer.from('{}')), [1003, 'UNSUPPORTED_MEDIA_TYPE']],
      ['no JSON', ({ socket }) => socket.send('{'), [4400, 'MALFORMED_BODY']],
      ['a message behind the last one', (client) => client.end().send({ text: 'x' }), [4400, 'BAD_REQUEST']],
    ])('with %s in it ends, and is told why', async (_, say, [code, reason]) => {
      files.upstream.on('Chat', (call) => call.on('data', () => {}));
      const client = await chat();
      await called();
      say(client);
      expect(await client.ended()).toEqual([code, reason, reason]);
      await cancelled();
    });

    it('with a message that is too large ends by the protocol', async () => {
      files.upstream.on('Chat', (call) => call.on('data', () => {}));
      const client = await chat();
      await called();
      client.send({ text: 'x'.repeat(100_000) });
      expect((await client.ended())[0]).toBe(1009);
      await cancelled();
      await until(() => files.gateway.lines.find((line) => line.code === 'BODY_TOO_LARGE'), { what: 'its line' });
    });

    it('with a client that is silent goes on: it answers pings', async () => {
      echo();
      const client = await chat();
      let pings = 0;
      client.socket.on('ping', () => pings++);
      await until(() => pings > 4, { what: 'five pings' });
      client.send({ text: 'still here' });
      await client.got(1);
      const answered = new Promise((resolve) => client.socket.once('pong', resolve));
      client.socket.ping('x');
      expect(String(await answered)).toBe('x');
      client.socket.terminate();
    });

    it('with a client that answers no pings is cut off', async () => {
      echo();
      const headers = { authorization: `Bearer ${await files.issuer.token()}` };
      const client = await FramesClient.open(`${files.url}/v1/rooms/a:chat`, { headers, autoPong: false });
      expect((await client.ended())[0]).toBe(1006);
      await cancelled();
    });

    it('ends with the token that it was opened with', async () => {
      files.upstream.on('Chat', () => {});
      const token = await files.issuer.token({ expiresIn: 2 });
      const headers = { authorization: `Bearer ${token}` };
      const client = await FramesClient.open(`${files.url}/v1/rooms/a:chat`, { headers });
      expect(await client.ended()).toEqual([1008, 'UNAUTHENTICATED', 'UNAUTHENTICATED']);
      await cancelled();
    });
  });

  describe.each(['chat', 'watch', 'ask'])('whose session ends, of %s', (rpc) => {
    it('ends within a second', async () => {
      for (const name of ['Chat', 'Watch']) files.upstream.on(name, () => {});
      const sid = `${channel}-${rpc}`;
      const headers = { authorization: `Bearer ${await files.issuer.token({ sid, sub: sid })}` };
      const client = await FramesClient.open(`${files.url}/v1/rooms/a:${rpc}`, { headers });
      const begun = performance.now();
      files.upstream.sessions.end(sid);
      expect(await client.ended()).toEqual([1008, 'UNAUTHENTICATED', 'UNAUTHENTICATED']);
      expect(performance.now() - begun).toBeLessThan(1_000);
    });
  });
});
