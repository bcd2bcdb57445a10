import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { OpsPages } from './ops-pages.js';
import { OpsServer } from './ops-server.js';
import { Readiness } from './readiness.js';

describe('pages on the internal listener', () => {
  const pages = new OpsPages();
  const ops = new OpsServer({ listen: { host: '127.0.0.1', port: 0 }, readiness: new Readiness(), pages });
  let port: number;
  beforeAll(async () => {
    pages.add('/page', async () => '<p>a page</p>');
    port = Number(new URL(await ops.listen()).port);
  });
  afterAll(() => ops.close());

  /** With a Host header of choice, which fetch does not allow. */
  const get = async (path: string, host: string) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: { host } });
    const answered = new Promise<[number | undefined, string, Record<string, unknown>]>((resolve, reject) => {
      sent.once('error', reject).once('response', async (response) => {
        resolve([response.statusCode, await text(response), response.headers]);
      });
    });
    sent.end();
    return answered;
  };

  it.each(['127.0.0.1', '127.0.0.1:9101', 'localhost:9101', '[::1]:9101'])('are shown to %s', async (host) => {
    const [status, body, headers] = await get('/page?x', host);
    expect([status, body]).toEqual([200, '<p>a page</p>']);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/);
  });

  it.each(['evil.example', 'evil.example:9101', 'localhost.evil.example', '127.0.0.1.evil.example'])(
    'are not there for %s, by whose name a foreign web page would ask',
    async (host) => {
      expect((await get('/page', host))[0]).toBe(404);
      expect((await get('/healthz', host))[0]).toBe(200);
    },
  );

  it('have a path each', () => {
    expect(() => pages.add('/page', async () => '')).toThrow('There are two pages at /page');
  });
});
