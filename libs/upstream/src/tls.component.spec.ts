import { ServerCredentials } from '@grpc/grpc-js';
import { unary } from '../test/calls.js';
import { TestAuthority } from '../test/certificates.js';
import { EchoServer } from '../test/echo-server.js';
import { ALL, nameOf, openClient } from '../test/open-client.js';

const authority = new TestAuthority();
const stranger = new TestAuthority('another authority');
const server = authority.issue('localhost');

/** Its address by the name that its certificate is for. */
async function secured(clientsMustProve = false): Promise<EchoServer> {
  const pair = { private_key: server.key, cert_chain: server.cert };
  return EchoServer.start({ credentials: ServerCredentials.createSsl(authority.cert, [pair], clientsMustProve) });
}

describe.each(ALL)('a connection with TLS over %s', (channel) => {
  const to = (host: string, { port }: EchoServer) => `${host}:${port}`;

  it('is made to a server whose certificate is for its name, by an authority that is known', async () => {
    const client = openClient(channel, to('localhost', await secured()), { tls: { ca: authority.cert } });
    expect((await unary(client, 'secret')).message.toString()).toBe('secret');
  });

  it.each([
    ['by another authority', 'localhost', { ca: stranger.cert }],
    ['by an authority that only the test knows', 'localhost', {}],
    ['for another name', '127.0.0.1', { ca: authority.cert }],
  ] as const)('is not made where the certificate is %s', async (_, host, tls) => {
    const running = await secured();
    const client = openClient(channel, to(host, running), { tls });
    await expect(unary(client).catch(nameOf)).resolves.toBe('UNAVAILABLE');
    expect(running.seen).toBe(0);
  });

  it('proves the caller where the server asks for it', async () => {
    const running = await secured(true);
    const tls = { ca: authority.cert };
    const client = openClient(channel, to('localhost', running), { tls: { ...tls, ...authority.issue('gateway') } });
    expect((await unary(client, 'mine')).message.toString()).toBe('mine');
    for (const unproved of [tls, { ...tls, ...stranger.issue('gateway') }]) {
      const refused = openClient(channel, to('localhost', running), { tls: unproved });
      await expect(unary(refused).catch(nameOf)).resolves.toBe('UNAVAILABLE');
    }
    expect(running.seen).toBe(1);
  });

  it('is not made in the clear to a server that has TLS, nor the other way round', async () => {
    const inClear = openClient(channel, to('localhost', await secured()));
    await expect(unary(inClear, '', { deadline: Date.now() + 2_000 }).catch(nameOf)).resolves.toMatch(
      /^(UNAVAILABLE|DEADLINE_EXCEEDED)$/,
    );
    const plain = await EchoServer.start();
    const client = openClient(channel, to('localhost', plain), { tls: { ca: authority.cert } });
    await expect(unary(client, '', { deadline: Date.now() + 2_000 }).catch(nameOf)).resolves.toMatch(
      /^(UNAVAILABLE|DEADLINE_EXCEEDED)$/,
    );
  });

  it('is refused at once where certificate and key do not belong together', () => {
    const tls = { cert: server.cert, key: authority.issue('localhost').key };
    expect(() => openClient(channel, 'localhost:1', { tls })).toThrow(/key values mismatch/);
  });
});
