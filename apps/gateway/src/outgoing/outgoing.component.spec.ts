import { createServer } from 'node:http';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { CHANNELS } from '#libs/upstream';
import { listenOnFreePort } from '../../test/free-port.js';
import { openChannel } from '../upstream/channels.js';
import { guardedFetch } from './guarded-fetch.js';
import { OutgoingRules } from './outgoing-rules.js';

const open = new OutgoingRules({ allow: ['localhost', '127.0.0.1'], allowLocal: true });
const closed = new OutgoingRules({ allow: ['localhost', '127.0.0.1'], allowLocal: false });

describe('a key set over HTTP', () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url === '/redirect') response.writeHead(302, { location: '/keys' });
    response.end(request.url === '/large' ? 'x'.repeat(1024 * 1024 + 1) : '{}');
  });
  let port: number;
  beforeAll(async () => {
    port = await listenOnFreePort(server);
  });
  afterAll(() => void server.close());
  beforeEach(() => void requests.splice(0));

  it.each(['127.0.0.1', 'localhost'])(
    'is fetched from %s where the rules allow it, as they are at that moment',
    async (host) => {
      let rules = open;
      const fetch = guardedFetch(() => rules);
      const keys = () => fetch(`http://${host}:${port}/keys`);
      expect((await keys()).status).toBe(200);
      rules = closed;
      await expect(keys()).rejects.toThrow('is a loopback or link-local address');
      expect(requests).toHaveLength(1);
    },
  );

  it('is not followed to another place, nor read without end', async () => {
    const fetch = guardedFetch(() => open);
    expect((await fetch(`http://127.0.0.1:${port}/redirect`)).status).toBe(302);
    expect(requests).toEqual(['/redirect']);
    await expect(fetch(`http://127.0.0.1:${port}/large`)).rejects.toThrow('larger than');
    const named = guardedFetch(() => new OutgoingRules({ allow: ['orders'], allowLocal: true }));
    await expect(named('http://elsewhere.example/keys')).rejects.toThrow('is not in outgoing.allow');
  });
});

describe.each(CHANNELS)('a channel to an upstream by %s', (kind) => {
  const server = new Server();
  let port: number;
  beforeAll(async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
    port = await promise;
  });
  afterAll(() => server.forceShutdown());

  /** The status text of a call. */
  async function call(host: string, rules: OutgoingRules): Promise<string> {
    const client = openChannel({ address: `${host}:${port}`, tls: undefined, channel: { kind } }, () => rules);
    const { promise, resolve } = Promise.withResolvers<string>();
    const bytes = (value: Buffer) => value;
    const options = { deadline: Date.now() + 10_000 };
    client.makeUnaryRequest('/a.B/C', bytes, bytes, Buffer.alloc(0), options as never, (error) =>
      resolve(error?.message ?? ''),
    );
    return promise.finally(() => client.close());
  }

  it.each(['127.0.0.1', 'localhost'])('is opened to %s where the rules allow what its name leads to', async (host) => {
    expect(await call(host, open)).toContain('UNIMPLEMENTED');
    expect(await call(host, closed)).toContain('is a loopback or link-local address');
    expect(await call(host, new OutgoingRules({ allow: ['orders'], allowLocal: true }))).toContain(
      'is not in outgoing.allow',
    );
  });
});
