import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_MS = 50;

/**
 * Ends connections that carry no request while the server closes: those kept alive after their last answer, and those
 * that clients have opened in advance and never used, which Node takes for requests that are just coming in.
 */
export class UnusedConnections {
  private readonly sockets = new Set<Socket>();

  constructor(private readonly server: Server) {
    const remember = (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    };
    server.on('connection', remember);
    // What has come over TLS counts by itself: there was a greeting before it.
    server.on('secureConnection', remember);
  }

  /** Ends them as long as `closing` takes. */
  async endWhile(closing: Promise<void>): Promise<void> {
    const sweep = setInterval(() => {
      this.server.closeIdleConnections();
      for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
    }, SWEEP_MS);
    try {
      await closing;
    } finally {
      clearInterval(sweep);
    }
  }
}
