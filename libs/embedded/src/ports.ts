import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { errorCode } from './error-code.js';

/** A port that somebody else holds; `use` says what wanted it. */
export class PortInUseError extends Error {
  constructor(
    readonly port: number,
    readonly use: string,
  ) {
    super(`port ${port} of 127.0.0.1 (${use}) is in use by another program`);
    this.name = 'PortInUseError';
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** Ports handed out by this process, so that two callers at once never get the same one. */
const given = new Set<number>();

/** A TCP port of 127.0.0.1 that was free a moment ago; never the same one twice in a process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = await listen(0);
    const address = server.address();
    await close(server);
    if (address !== null && typeof address === 'object' && !given.has(address.port)) {
      given.add(address.port);
      return address.port;
    }
  }
}

/** Resolves when the port can be bound on 127.0.0.1. @throws PortInUseError naming port and use */
export async function assertPortFree(port: number, use: string): Promise<void> {
  try {
    await close(await listen(port));
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') throw new PortInUseError(port, use);
    throw error;
  }
}
