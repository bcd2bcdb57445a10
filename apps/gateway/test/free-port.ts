import type { Server } from 'node:net';

/** Listens on a free port of the loopback. */
export function listenOnFreePort(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address ? address.port : 0);
  });
  return promise;
}
