import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { listenOnFreePort } from '../../test/free-port.js';
import { EdgeReply } from './edge-reply.js';
import { EdgeRequest } from './edge-request.js';
import type { Exchange } from './exchange.js';

/** The parts of an exchange that a reply looks at. */
const exchange = { bound: undefined } as Exchange;

describe('a reply', () => {
  /** What a client gets of a reply, over a socket. */
  async function get(
    answer: (reply: EdgeReply) => unknown,
    { method = 'GET', isLast = false } = {},
  ): Promise<Response> {
    const rules = { headers: ['x-always', 'yes'], isLast: () => isLast, closed: () => {} };
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      answer(new EdgeReply(new EdgeRequest(request, '', exchange), response, rules));
    });
    const port = await listenOnFreePort(server);
    return fetch(`http://127.0.0.1:${port}/`, { method }).finally(() => server.close());
  }
  const named = ({ headers }: Response, ...names: string[]) => names.map((name) => headers.get(name));

  it('has a status, headers that are set, changed and removed by any case of their names, and a body', async () => {
    const response = await get((reply) => {
      reply.code(201).header('Location', '/a').headers({ etag: '"1"', 'X-Count': 3 }).header('ETAG', '"2"');
      reply.header('x-gone', 'x').removeHeader('X-Gone').type('text/plain').send('ä');
      expect([reply.getHeader('etag'), reply.hasHeader('LOCATION'), reply.hasHeader('x-gone')]).toEqual([
        '"2"',
        true,
        false,
      ]);
    });
    expect([response.status, await response.text()]).toEqual([201, 'ä']);
    expect(named(response, 'x-always', 'location', 'etag', 'x-count', 'x-gone', 'content-length')).toEqual([
      'yes',
      '/a',
      '"2"',
      '3',
      null,
      '2',
    ]);
  });

  it.each([
    [200, 'GET', '0'],
    [204, 'GET', null],
    [304, 'GET', null],
    [200, 'HEAD', null],
  ])('without a body, of status %d to %s, has the length %j', async (status, method, length) => {
    const response = await get((reply) => reply.code(status).send(), { method });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      status,
      length,
      '',
    ]);
  });

  it('to HEAD has the length of the body, not the body', async () => {
    const response = await get((reply) => reply.send(Buffer.from('abc')), { method: 'HEAD' });
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['3', '']);
  });

  it('that is the last says so', async () => {
    expect(named(await get((reply) => reply.send('x'), { isLast: true }), 'connection')).toEqual(['close']);
    expect(named(await get((reply) => reply.send('x')), 'connection')).toEqual(['keep-alive']);
  });

  it('streams, and breaks off where the stream does', async () => {
    const whole = await get((reply) => reply.send(Readable.from(['a', 'b'])));
    expect([await whole.text(), whole.headers.get('transfer-encoding')]).toEqual(['ab', 'chunked']);
    const broken = await get((reply) =>
      reply.send(
        Readable.from(
          (async function* () {
            yield 'a';
            await new Promise((resolve) => setImmediate(resolve));
            throw new Error('broken');
          })(),
        ),
      ),
    );
    await expect(broken.text()).rejects.toThrow();
  });

  it('is sent once', async () => {
    const response = await get((reply) => {
      reply.send('first');
      expect(() => reply.send('second')).toThrow('has its answer already');
    });
    expect(await response.text()).toBe('first');
  });
});
