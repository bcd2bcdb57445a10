import { until } from '#libs/testing';
import { Connection } from '../test/connection.js';
import { FilesGateway } from '../test/files-gateway.js';
import { FramesClient } from '../test/frames-client.js';
import type { Fields } from '../test/test-files.js';

const ORIGIN = 'https://shop.example';
const MORE = {
  corsOrigins: [ORIGIN],
  limits: { requestSeconds: 1 },
  streams: { messageBytes: 100_000, heartbeatSeconds: 0.3, perCaller: 4 },
};
const HANDSHAKE =
  'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

describe('the handshake of a WebSocket', () => {
  let files: FilesGateway;
  beforeAll(async () => {
    files = await FilesGateway.prepare();
    const Chat = { authenticated: true };
    const Ask = { throttle: [{ rate: 0.01, burst: 20, per: ['ROUTE'] }] };
    await files.start({ policies: { Chat, Ask } }, MORE);
  });
  afterAll(() => files?.stop());
  beforeEach(() => files.upstream.reset());

  const echo = () =>
    files.upstream.on('Chat', (call) => {
      call.on('data', ({ room, text }: Fields) => call.write({ room, text: `${text}!` }));
      call.on('end', () => call.end());
    });
  const watch = (query = '', options = {}) => FramesClient.open(`${files.url}/v1/rooms/a:watch${query}`, options);
  /** What is broken off before it has left is cancelled nowhere. */
  const called = () => until(() => files.upstream.calls.includes('Watch'), { what: 'the call' });
  const cancelled = () => until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });

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
      await called();
      connection.destroy();
      await cancelled();
    });

    it('ends for a client that says it sends no more', async () => {
      files.upstream.on('Watch', (call) => call.write({ text: 'first' }));
      const connection = await ask(`${target}${HANDSHAKE}\r\n`);
      await until(() => connection.interim.includes(101), { what: 'the handshake' });
      await called();
      connection.finish();
      await connection.end();
      await cancelled();
    });

    it('has no place where its client sends no more before the handshake', async () => {
      files.upstream
        .on('GetFile', (_, reply) => setTimeout(() => reply(null, { data: Buffer.from('before') }), 100))
        .on('Watch', (call) => call.write({ text: 'first' }));
      // Behind another request, so that it is over when the handshake comes.
      const behind = `GET /v1/files/a HTTP/1.1\r\nHost: x\r\n\r\n${target}${HANDSHAKE}\r\n`;
      const half = await Promise.all(Array.from({ length: 8 }, () => ask(behind)));
      await Promise.all(half.map((connection) => connection.finish().end()));
      const open = await Promise.all([1, 2, 3, 4].map(() => watch()));
      const watched = () => files.upstream.calls.filter((call) => call === 'Watch').length;
      await until(() => watched() >= 4, { what: 'all calls' });
      for (const { socket } of open) socket.terminate();
      await until(() => files.upstream.cancelled >= 4, { what: 'all to end' });
    });

    it('ends for a client that sends no frames of the protocol', async () => {
      files.upstream.on('Watch', () => {});
      const connection = await ask(`${target}${HANDSHAKE}\r\n`);
      await until(() => connection.interim.includes(101), { what: 'the handshake' });
      await called();
      connection.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
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
