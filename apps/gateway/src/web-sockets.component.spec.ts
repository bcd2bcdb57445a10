import { status } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { CHANNELS } from '#libs/upstream';
import { Connection } from '../test/connection.js';
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
const HANDSHAKE =
  'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

describe.each(CHANNELS)('a WebSocket, over %s', (channel) => {
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
      client.send({ value: 1 }, { value: 'x' });
      expect(await client.ended()).toEqual([4400, 'VALIDATION_FAILED', 'VALIDATION_FAILED']);
      expect(client.frames).toMatchObject([{ error: { violations: [{ field: '[1].value' }] } }]);
      await cancelled();
    });

    it('that just ends is cancelled, not answered', async () => {
      files.upstream.on('Sum', (call) => call.on('data', () => {}));
      const client = await FramesClient.open(`${files.url}/v1/a:sum`);
      client.send({ value: 1 });
      await until(() => files.upstream.calls.length === 1, { what: 'the call' });
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
      say(client);
      expect(await client.ended()).toEqual([code, reason, reason]);
      await cancelled();
    });

    it('with a message that is too large ends by the protocol', async () => {
      files.upstream.on('Chat', (call) => call.on('data', () => {}));
      const client = await chat();
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

  describe('that is asked for', () => {
    it('by a browser has the token beside the subprotocol, and only that is told back', async () => {
      echo();
      const token = await files.issuer.token();
      const protocols = ['gateway.v1.json', `bearer.${token}`];
      const client = await FramesClient.open(`${files.url}/v1/rooms/a:chat`, { protocols, origin: ORIGIN });
      expect(client.socket.protocol).toBe('gateway.v1.json');
      client.send({ text: 'hi' });
      await client.got(1);
      client.socket.terminate();
      const alone = await FramesClient.refusal(`${files.url}/v1/rooms/a:chat`, { protocols: [`bearer.${token}`] });
      expect([alone.status, alone.problem.code]).toEqual([400, 'BAD_REQUEST']);
      const headers = { authorization: `Bearer ${token}` };
      const twice = await FramesClient.refusal(`${files.url}/v1/rooms/a:chat`, { protocols, headers });
      expect([twice.status, twice.problem.detail]).toEqual([400, 'There is more than one access token.']);
      expect(JSON.stringify(files.gateway.lines)).not.toContain(token);
    });

    it('without a token, or with a wrong one, is refused by HTTP', async () => {
      const url = `${files.url}/v1/rooms/a:chat`;
      const none = await FramesClient.refusal(url);
      expect([none.status, none.headers['www-authenticate'], none.problem.code]).toEqual([
        401,
        'Bearer',
        'UNAUTHENTICATED',
      ]);
      const protocols = ['gateway.v1.json', 'bearer.abc'];
      expect((await FramesClient.refusal(url, { protocols })).status).toBe(401);
      expect((await FramesClient.refusal(`${url}?access_token=${await files.issuer.token()}`)).status).toBe(401);
      expect(files.upstream.calls).toEqual([]);
    });

    it.each([
      [ORIGIN, 101],
      ['https://evil.example', 403],
      ['null', 403],
      ['same', 101],
    ])('from a page of %s is answered %d', async (page, wanted) => {
      files.upstream.on('Watch', () => {});
      const origin = page === 'same' ? files.url : page;
      const url = `${files.url}/v1/rooms/a:watch`;
      if (wanted === 101) (await FramesClient.open(url, { origin })).socket.terminate();
      else expect((await FramesClient.refusal(url, { origin })).problem.code).toBe('ORIGIN_NOT_ALLOWED');
    });

    it('with a query that is wrong is refused by HTTP', async () => {
      const { status: code, problem } = await FramesClient.refusal(`${files.url}/v1/rooms/a:watch?aftr=1`);
      expect([code, problem.code]).toEqual([400, 'UNKNOWN_FIELD']);
    });

    it('more often than a caller may is refused by HTTP', async () => {
      files.upstream.on('Chat', () => {});
      const headers = { authorization: `Bearer ${await files.issuer.token({ sub: 'greedy' })}` };
      const url = `${files.url}/v1/rooms/a:chat`;
      const open = await Promise.all([1, 2, 3, 4].map(() => FramesClient.open(url, { headers })));
      const refused = await FramesClient.refusal(url, { headers });
      expect([refused.status, refused.problem.code]).toEqual([429, 'TOO_MANY_STREAMS']);
      open[0]?.socket.terminate();
      await until(() => files.upstream.cancelled > 0, { what: 'one to end' });
      const again = await FramesClient.open(url, { headers });
      for (const { socket } of [...open, again]) socket.terminate();
    });

    it('has the throttles of its route', async () => {
      files.upstream.on('Ask', (call) => call.end());
      const url = `${files.url}/v1/rooms/b:ask`;
      let refused: number | undefined;
      for (let tries = 0; refused === undefined && tries < 30; tries++) {
        const client = new FramesClient(url);
        client.socket.once('unexpected-response', (_, { statusCode }) => {
          refused = statusCode;
        });
        await until(() => refused !== undefined || client.socket.readyState !== 0, { what: 'an answer', interval: 5 });
        client.socket.terminate();
      }
      expect(refused).toBe(429);
    });
  });

  describe('on the wire', () => {
    const ask = async (bytes: string) => {
      const connection = await Connection.open(files.url);
      return connection.send(bytes);
    };
    const target = 'GET /v1/rooms/a:watch HTTP/1.1\r\n';

    it.each<[string, string, number, string]>([
      ['of another version', HANDSHAKE.replace('13', '8'), 426, 'UPGRADE_REQUIRED'],
      ['of no version', HANDSHAKE.replace(/Sec-WebSocket-Version.*?\r\n/, ''), 426, 'UPGRADE_REQUIRED'],
      ['without a key', HANDSHAKE.replace(/Sec-WebSocket-Key.*?\r\n/, ''), 400, 'BAD_REQUEST'],
      ['with a short key', HANDSHAKE.replace('dGhl', ''), 400, 'BAD_REQUEST'],
      ['with a body', `${HANDSHAKE}Content-Length: 6\r\n`, 400, 'BAD_REQUEST'],
      ['with a body in chunks', `${HANDSHAKE}Transfer-Encoding: chunked\r\n`, 400, 'BAD_REQUEST'],
      ['without a Host', HANDSHAKE.replace('Host: x\r\n', ''), 400, 'BAD_REQUEST'],
    ])('a handshake %s is refused, and the connection ends', async (_, headers, code, name) => {
      const connection = await ask(`${target}${headers}\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
      const answers = await connection.answers();
      expect(answers.map((answer) => [answer.status, JSON.parse(answer.body).code])).toEqual([[code, name]]);
      expect(answers[0]?.headers).toMatchObject({ connection: 'close', 'x-content-type-options': 'nosniff' });
      if (code === 426) expect(answers[0]?.headers['sec-websocket-version']).toBe('13');
      expect(files.upstream.calls).toEqual([]);
    });

    it.each([
      ['where there is none', `GET /v1/files/a HTTP/1.1\r\n${HANDSHAKE}\r\n`],
      ['by another method', `POST /v1/files HTTP/1.1\r\n${HANDSHAKE}Content-Length: 0\r\n\r\n`],
      ['of another protocol', `${target.replace(':watch', ':watch')}${HANDSHAKE.replace('websocket', 'h2c')}\r\n`],
    ])('is passed over %s: the request is one like any other', async (_, bytes) => {
      files.upstream
        .on('GetFile', (_call, reply) => reply(null, { data: Buffer.from('x') }))
        .on('PostBytes', (_call, reply) => reply(null, {}))
        .on('Watch', (call) => call.end());
      const connection = await ask(bytes);
      const { status: code, headers } = await connection.answer();
      expect([code, headers.connection]).toEqual([200, 'keep-alive']);
      connection.destroy();
    });

    it('is opened after the answers to what was asked before on the connection', async () => {
      files.upstream
        .on('GetFile', (_, reply) => setTimeout(() => reply(null, { data: Buffer.from('before') }), 200))
        .on('Watch', (call) => call.write({ text: 'first' }));
      const connection = await ask(`GET /v1/files/a HTTP/1.1\r\nHost: x\r\n\r\n${target}${HANDSHAKE}\r\n`);
      expect((await connection.answer()).body).toBe('before');
      // 101 is an interim answer to the reader of this connection.
      await until(() => connection.interim.includes(101), { what: 'the handshake' });
      connection.destroy();
      await cancelled();
    });

    it('ends for a client that says it sends no more', async () => {
      files.upstream.on('Watch', (call) => call.write({ text: 'first' }));
      const connection = await ask(`${target}${HANDSHAKE}\r\n`);
      await until(() => connection.interim.includes(101), { what: 'the handshake' });
      connection.finish();
      await connection.end();
      await cancelled();
    });

    it('ends for a client that sends no frames of the protocol', async () => {
      files.upstream.on('Watch', () => {});
      const connection = await ask(`${target}${HANDSHAKE}\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
      await until(() => connection.interim.includes(101), { what: 'the handshake' });
      await connection.end();
      await cancelled();
    });
  });
});

describe('a WebSocket of a gateway that stops', () => {
  it('is closed as going away, and nothing waits for it longer than two seconds', async () => {
    const files = await FilesGateway.prepare();
    await files.start();
    files.upstream.on('Watch', (call) => call.write({ number: 1n }));
    const [polite, deaf] = [
      await FramesClient.open(`${files.url}/v1/rooms/a:watch`),
      await FramesClient.open(`${files.url}/v1/rooms/a:watch`),
    ];
    await Promise.all([polite.got(1), deaf.got(1)]);
    deaf.socket.pause();
    const begun = Date.now();
    await files.stop();
    expect((await polite.ended())[0]).toBe(1001);
    expect(Date.now() - begun).toBeLessThan(6_000);
    deaf.socket.terminate();
  }, 20_000);
});
