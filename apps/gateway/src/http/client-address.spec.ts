import { createServer, request } from 'node:http';
import { listenOnFreePort } from '../../test/free-port.js';
import { clientAddress } from './client-address.js';

describe('the address of a client', () => {
  /** Of a request with these X-Forwarded-For headers, over loopback. */
  async function addressOf(trusted: string[], forwarded: string | undefined): Promise<string> {
    const find = clientAddress(trusted);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const server = createServer((incoming, response) => {
      response.end();
      resolve(find(incoming));
    });
    const port = await listenOnFreePort(server);
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    request({ host: '127.0.0.1', port, headers }).on('error', reject).end();
    return promise.finally(() => server.close());
  }

  it.each<[string, string[], string | undefined, string]>([
    ["is the socket's, whatever is claimed, where no proxy is trusted", [], '192.0.2.1', '127.0.0.1'],
    ["is the socket's where another proxy is trusted", ['10.0.0.0/8'], '192.0.2.1', '127.0.0.1'],
    ['is what a trusted proxy says', ['127.0.0.1'], '192.0.2.1', '192.0.2.1'],
    ['is what a proxy of a trusted network says', ['127.0.0.0/8'], '2001:db8::1', '2001:db8::1'],
    ['is the last that is no trusted proxy', ['127.0.0.1', '10.0.0.0/8'], '1.1.1.1, 192.0.2.1, 10.1.1.1', '192.0.2.1'],
    ['is that of the proxy where it says nothing', ['127.0.0.1'], undefined, '127.0.0.1'],
  ])('%s', async (_, trusted, forwarded, expected) => {
    expect(await addressOf(trusted, forwarded)).toBe(expected);
  });
});
