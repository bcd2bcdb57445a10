import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:http2';
import { get } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { until } from '#libs/testing';
import { Connection } from '../../test/connection.js';
import { PREFACE } from '../../test/http2-frames.js';
import { ask, Http2Gateway } from '../../test/http2-gateway.js';
import { testCertificate } from '../../test/test-certificate.js';

let test: Http2Gateway;
beforeAll(async () => {
  test = await Http2Gateway.prepare();
});
afterEach(() => test?.stop());
afterAll(() => test?.close());

describe('HTTP/2 over cleartext', () => {
  beforeEach(async () => {
    await test.start({ http2: { cleartext: true } });
  });

  it('answers many requests on one connection, as HTTP/1.1 would', async () => {
    const client = test.session();
    const names = Array.from({ length: 50 }, (_, at) => `book-${at}`);
    const answers = await Promise.all(names.map((name) => ask(client, { ':path': `/v1/books/${name}` })));
    expect(answers.map(({ status, body }) => [status, JSON.parse(body).name])).toEqual(
      names.map((name) => [200, name]),
    );
    expect(answers[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(answers[0]?.headers).not.toHaveProperty('connection');
    const { status, body } = await ask(client, { ':path': '/nothing' });
    expect([status, JSON.parse(body).code]).toEqual([404, 'ROUTE_NOT_FOUND']);
    const head = await ask(client, { ':path': '/v1/books/dune', ':method': 'HEAD' });
    expect([head.status, head.body, Number(head.headers['content-length'])]).toEqual([200, '', 30]);
    expect((await ask(client, { ':path': '/v1/books/dune', ':method': 'OPTIONS' })).headers.allow).toContain('GET');
  });

  it('leaves HTTP/1.1 on the same port as it is, in whatever pieces it comes', async () => {
    const connection = await Connection.open(test.url);
    for (const part of ['P', 'R', 'OPFIND /v1/books/dune HTTP/1.1\r\nHost: x\r\n\r\n']) {
      connection.send(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await connection.answer()).status).toBe(405);
    connection.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/books/a HTTP/1.1\r\nHost: x\r\n\r\n');
    expect([(await connection.answer()).status, (await connection.answer()).body]).toEqual([
      200,
      '{"name":"a","title":"Dune"}',
    ]);
    connection.send(PREFACE);
    expect((await connection.answers())[0]?.status).toBe(400);
  });

  it('refuses a body that is too large, and goes on with the connection', async () => {
    const client = test.session();
    const large = { ':path': '/v1/books/dune', ':method': 'GET', 'content-length': String(100_001) };
    const stream = client.request(large, { endStream: false });
    stream.on('error', () => {});
    const [told] = await once(stream, 'response');
    expect(told[':status']).toBe(413);
    stream.close();
    expect((await ask(client, { ':path': '/healthz' })).status).toBe(200);
  });

  it('cancels the call when its client resets the stream', async () => {
    const client = test.session();
    const stream = client.request({ ':path': '/v1/books/dune:watch', accept: 'application/x-ndjson' });
    stream.on('error', () => {});
    await once(stream, 'data');
    expect(test.library.readers.size).toBe(1);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => test.library.readers.size === 0, { what: 'the call to be cancelled' });
    await until(() => test.gateway.lines.some(({ status }) => status === 499), { what: 'its line in the log' });
  });

  it('ends with GOAWAY when the gateway stops, once what has come is answered', async () => {
    const client = test.session();
    expect((await ask(client, { ':path': '/healthz' })).status).toBe(200);
    const watch = client.request({ ':path': '/v1/books/dune:watch', accept: 'application/x-ndjson' });
    let lines = '';
    watch.setEncoding('utf8').on('data', (text) => {
      lines += text;
    });
    await until(() => lines.includes('Dune'), { what: 'the first message' });
    const goaway = once(client, 'goaway');
    await test.gateway.close();
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR);
    await until(() => client.destroyed, { what: 'the connection to end' });
    expect(lines).toMatch(/\n\{"error":\{.*"code":"UPSTREAM_UNAVAILABLE".*\}\}\n$/);
  });
});

describe('TLS', () => {
  const first = testCertificate('first');
  const second = testCertificate('second');
  const write = ({ cert, key }: { cert: string; key: string }) => {
    writeFileSync(join(test.folder, 'gateway.pem'), cert);
    writeFileSync(join(test.folder, 'gateway.key'), key);
  };
  beforeEach(async () => {
    write(first);
    await test.start({ tls: { cert: 'gateway.pem', key: 'gateway.key' } });
  });

  /** The subject of the certificate that a new connection is shown, and the protocol chosen. */
  async function shown(protocols: string[]): Promise<[name: unknown, protocol: unknown]> {
    const { hostname, port } = new URL(test.url);
    const options = { ca: [first.cert, second.cert], ALPNProtocols: protocols };
    const socket = connectTls({ host: hostname, port: Number(port), ...options });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return [subject.CN, socket.alpnProtocol];
  }

  it('serves HTTP/2 to who can, and HTTP/1.1 to others', async () => {
    const { url } = test;
    expect(url).toMatch(/^https:/);
    expect(await ask(test.session(first.cert), { ':path': '/v1/books/dune' })).toMatchObject({ status: 200 });
    const [response] = await once(get(`${url}/v1/books/dune`, { ca: first.cert }), 'response');
    expect([response.statusCode, response.httpVersion]).toEqual([200, '1.1']);
    response.resume();
    expect(await shown(['h2', 'http/1.1'])).toEqual(['first', 'h2']);
    expect(await shown(['http/1.1'])).toEqual(['first', 'http/1.1']);
  });

  it('shows another certificate once its files have changed, and keeps the old one while they do not fit', async () => {
    write({ cert: second.cert, key: first.key });
    expect(await test.gateway.running.reload('test')).toBe(false);
    expect(await shown(['h2'])).toEqual(['first', 'h2']);
    write(second);
    await until(async () => (await shown(['h2']))[0] === 'second', { what: 'the new certificate' });
  });

  it('tells nothing to who speaks no TLS, and stops although somebody has connected and said nothing', async () => {
    const plain = await Connection.open(test.url);
    plain.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await plain.answers().catch(() => [])).toEqual([]);
    const { hostname, port } = new URL(test.url);
    const idle = connectTls({ host: hostname, port: Number(port), ca: first.cert });
    idle.on('error', () => {});
    await once(idle, 'secureConnect');
    await test.stop();
  });
});

describe('a configuration of HTTP/2 and TLS', () => {
  it('is refused where it cannot be meant, with its place', async () => {
    write('{}');
    await expect(test.start({ tls: { cert: 'none.pem', key: 'none.key' } })).rejects.toThrow(
      /none\.pem does not exist/,
    );
    const both = { tls: { cert: 'gateway.pem', key: 'gateway.key' }, http2: { cleartext: true } };
    await expect(test.start(both)).rejects.toThrow(/http2\.cleartext/);
  });

  it('leaves HTTP/2 over cleartext off unless it is asked for', async () => {
    await test.start({});
    const connection = await Connection.open(test.url);
    connection.send(PREFACE);
    expect((await connection.answers())[0]?.status).toBe(400);
  });
});

function write(text: string): void {
  for (const name of ['gateway.pem', 'gateway.key']) writeFileSync(join(test.folder, name), text);
}
