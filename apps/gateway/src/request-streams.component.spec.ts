import { request } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { Connection } from '../test/connection.js';
import { EventReader } from '../test/event-reader.js';
import { FilesGateway } from '../test/files-gateway.js';
import { problemOf } from '../test/problem-of.js';
import { standsStill } from '../test/stands-still.js';
import type { Fields } from '../test/test-files.js';

const LIMITS = { limits: { requestSeconds: 2 }, streams: { messageBytes: 1_000 }, http2: { cleartext: true } };

// Ours, and grpc-js's; the http2 channel has the calls of the first, and a suite of its own.
describe.each(['framed', 'grpc-js'])('a request that is a stream, over %s', (channel) => {
  let files: FilesGateway;
  beforeAll(async () => {
    files = await FilesGateway.prepare();
    const throttle = [{ rate: 0.01, burst: 500, per: ['FIELD'], field: 'key' }];
    await files.start({ channel, policies: { Sum: { throttle } } }, LIMITS);
  });
  afterAll(() => files?.stop());
  beforeEach(() => files.upstream.reset());

  const post = (body: string, { path = '/v1/a:sum', type = 'application/x-ndjson' } = {}) =>
    fetch(files.url + path, { method: 'POST', body, headers: { 'content-type': type } });
  /** Adds what comes, and answers at the end. */
  const summing = () => {
    const seen: Fields[] = [];
    files.upstream.on('Sum', (call, reply) => {
      call.on('data', (number: Fields) => seen.push(number));
      call.on('end', () =>
        reply(null, { count: seen.length, total: BigInt(seen.reduce((sum, { value }) => sum + Number(value), 0)) }),
      );
    });
    return seen;
  };

  it.each([
    ['application/x-ndjson', '{"value":1}\n{"value":2}\n'],
    ['application/jsonl', '{"value":1}\r\n{"value":2}'],
    ['application/json', '{"value":1}{"value":2}'],
    ['application/json; charset=utf-8', '{\n  "value": 1\n}\n\n{"value":\t2}'],
  ])('of %s, %j, is one message after another, each with what the path says', async (type, body) => {
    const seen = summing();
    expect(await (await post(body, { type })).json()).toEqual({ total: '3', count: 2 });
    expect(seen.map(({ set, value }) => [set, value])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
  });

  it('may be empty', async () => {
    summing();
    expect(await (await post('')).json()).toEqual({ total: '0', count: 0 });
  });

  it.each<[string, string, object]>([
    ['{"value":1}\n{"value":"x"}', 'VALIDATION_FAILED', { violations: [{ field: '[1].value' }] }],
    ['{"valu":1}', 'UNKNOWN_FIELD', { violations: [{ field: '[0].valu' }], metadata: { message: '0' } }],
    ['{"value":1}\n{"value":}', 'MALFORMED_BODY', { metadata: { message: '1', offset: '21' } }],
    ['{"value":1},{"value":2}', 'MALFORMED_BODY', { metadata: { message: '1', offset: '11' } }],
    ['{"value":1}\n{"value":2', 'MALFORMED_BODY', { metadata: { message: '1', offset: '22' } }],
    ['[{"value":1}]', 'MALFORMED_BODY', { violations: [{ field: '[0]' }] }],
    [`{"value":1}{"key":"${'x'.repeat(1_000)}"}`, 'BODY_TOO_LARGE', { metadata: { message: '1' } }],
  ])('%j is refused: %s, told by the number of the message', async (body, code, problem) => {
    summing();
    const refused = await problemOf(await post(body));
    expect(refused).toMatchObject({ code, ...problem });
    if (files.upstream.calls.length > 0) {
      await until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });
    }
  });

  it('of another type is refused, and told what is taken', async () => {
    const refused = await post('a,b', { type: 'text/csv' });
    expect([refused.status, refused.headers.get('accept')]).toEqual([415, 'application/json, application/x-ndjson']);
  });

  it('has the throttles of its fields counted for each message', async () => {
    summing();
    const key = `"key":"${channel}"`;
    const refused = await post(`{${key}}`.repeat(501));
    expect([refused.status, (await problemOf(refused)).metadata]).toMatchObject([
      429,
      { bucket: 'field', message: '500' },
    ]);
  });

  it('is answered by the status of the service, whenever that comes', async () => {
    files.upstream.on('Sum', (_, reply) => reply({ code: status.RESOURCE_EXHAUSTED, details: 'enough' }));
    const connection = await Connection.open(files.url);
    connection.send(
      `POST /v1/a:sum HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    connection.send('c\r\n{"value":1}\n\r\n');
    const answer = await connection.answer();
    expect([answer.status, JSON.parse(answer.body).detail, answer.headers.connection]).toEqual([
      429,
      'enough',
      'close',
    ]);
    await connection.end();
  });

  it('may take longer than other requests, as long as its operation', async () => {
    const seen = summing();
    const connection = await Connection.open(files.url);
    connection.send(
      'POST /v1/a:sum HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{"value":1}',
    );
    await until(() => seen.length === 1, { what: 'the first message' });
    const begun = Date.now();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 4_500);
    await late;
    expect(Date.now() - begun).toBeGreaterThan(2_000);
    connection.send('{"value":2}');
    expect(JSON.parse((await connection.answer()).body)).toEqual({ total: '3', count: 2 });
    connection.destroy();
  }, 20_000);

  it('ends at the deadline that its client has set', async () => {
    files.upstream.on('Sum', () => {});
    const headers = { 'content-type': 'application/json', 'request-timeout': '0.3' };
    const answer = await fetch(`${files.url}/v1/a:sum`, { method: 'POST', body: '{}', headers });
    expect(answer.status).toBe(504);
  });

  it('of which nothing is left is answered with a fault where the service breaks gRPC', async () => {
    files.upstream.on('Sum', (call) => {
      call.on('data', () => {});
      call.on('end', () => call.end());
    });
    expect((await post('{}')).status).toBeGreaterThanOrEqual(500);
  });

  describe('and so is its answer', () => {
    const echo = () =>
      files.upstream.on('Chat', (call) => {
        call.on('data', ({ room, text }: Fields) => call.write({ room, text: `${text}!` }));
        call.on('end', () => call.end());
      });

    it('is answered message by message, in the form that is accepted', async () => {
      echo();
      const lines = await fetch(`${files.url}/v1/rooms/a:chat`, {
        method: 'POST',
        body: '{"text":"one"}\n{"text":"two"}\n',
        headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
      });
      expect(await lines.text()).toBe(
        '{"room":"a","number":"0","text":"one!"}\n{"room":"a","number":"0","text":"two!"}\n',
      );
    });

    it('is a conversation for a client of HTTP/1.1 that reads while it sends', async () => {
      echo();
      const { port } = new URL(files.url);
      const headers = { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' };
      const sending = request({ port, method: 'POST', path: '/v1/rooms/a:chat', headers });
      let text = '';
      sending.on('response', (answer) =>
        answer.setEncoding('utf8').on('data', (part) => {
          text += part;
        }),
      );
      for (const word of ['one', 'two']) {
        sending.write(`{"text":"${word}"}\n`);
        await until(() => text.includes(`${word}!`), { what: `the answer to ${word}` });
      }
      sending.end();
      await until(() => sending.closed, { what: 'the end' });
    });

    it('is a conversation over HTTP/2', async () => {
      echo();
      const session: ClientHttp2Session = connect(files.url);
      const stream = session.request({
        ':method': 'POST',
        ':path': '/v1/rooms/a:chat',
        'content-type': 'application/x-ndjson',
        accept: 'application/x-ndjson',
      });
      let text = '';
      stream.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      for (const word of ['one', 'two']) {
        stream.write(`{"text":"${word}"}\n`);
        await until(() => text.includes(`${word}!`), { what: `the answer to ${word}` });
      }
      stream.end();
      await until(() => stream.closed, { what: 'the end' });
      session.destroy();
    });

    it('tells a message that is wrong in a frame, once the answer has begun', async () => {
      echo();
      const answer = await fetch(`${files.url}/v1/rooms/a:chat`, {
        method: 'POST',
        body: new ReadableStream({
          async start(controller) {
            controller.enqueue(Buffer.from('{"text":"one"}\n'));
            await until(() => files.upstream.calls.length > 0, { what: 'the call' });
            await answered.promise;
            controller.enqueue(Buffer.from('{"txt":"two"}\n'));
            controller.close();
          },
        }),
        headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
        duplex: 'half',
      } as RequestInit).catch((error: Error) => error);
      answered.resolve();
      if (answer instanceof Error) throw answer;
      const reader = new EventReader(answer);
      expect(await reader.rest()).toMatch(/^\{"room":"a".*"one!"\}\n\{"error":\{.*"\[1\]\.txt"/);
    });
    const answered = Promise.withResolvers<void>();

    it('holds back a client that does not read, and its service', async () => {
      let answers = 0;
      files.upstream.on('Chat', (call) => {
        call.on('data', ({ text }: Fields) => {
          answers++;
          if (!call.write({ text: `${text}`.repeat(20) })) call.pause();
        });
        call.on('drain', () => call.resume());
      });
      const { port } = new URL(files.url);
      const headers = { 'content-type': 'application/x-ndjson' };
      const sending = request({ port, method: 'POST', path: '/v1/rooms/a:chat', headers });
      sending.on('response', (answer) => answer.pause());
      sending.on('error', () => {});
      const line = Buffer.from(`{"text":"${'x'.repeat(900)}"}\n`.repeat(1_000));
      let written = 0;
      const pump = () => {
        while (written < 60) {
          written++;
          if (!sending.write(line)) return void sending.once('drain', pump);
        }
      };
      pump();
      await until(() => answers > 0, { what: 'the first answer' });
      await until(
        standsStill(() => answers),
        { what: 'the service to be held back', interval: 400, timeout: 30_000 },
      );
      expect(answers).toBeLessThan(50_000);
      sending.destroy();
      await until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });
    }, 60_000);
  });
});

describe('a request that is a stream, and a gateway that stops', () => {
  it('is told to come again', async () => {
    const files = await FilesGateway.prepare();
    await files.start();
    files.upstream.on('Sum', (call) => call.on('data', () => {}));
    const connection = await Connection.open(files.url);
    connection.send(
      'POST /v1/a:sum HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{}',
    );
    await until(() => files.upstream.calls.length === 1, { what: 'the call' });
    const stopped = files.stop();
    expect((await connection.answer()).status).toBe(503);
    await stopped;
  });
});
