import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
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

/** Below what Linux (from 32768) and others (from 49152) give to outgoing connections, which would take a free port away. */
const RANGE = { first: 20_000, last: 32_700 };

/**
 * A TCP port of 127.0.0.1 that nobody listens on, and that no process gets from this function while this one lives:
 * the UDP port of the same number is held as a sign to the others.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(RANGE.first, RANGE.last);
    if ((await reserved(port)) && (await unused(port))) return port;
  }
}

async function reserved(port: number): Promise<boolean> {
  const sign = createSocket('udp4');
  try {
    sign.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(sign, 'listening');
  } catch {
    sign.close();
    return false;
  }
  sign.unref();
  return true;
}

async function unused(port: number): Promise<boolean> {
  const server = await listen(port).catch(() => undefined);
  if (server) await close(server);
  return server !== undefined;
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
