import { createServer, type Server } from 'node:http';
import type { Http2Server } from 'node:http2';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ListenAddress } from '#libs/service';
import type { GatewayConfig } from '../gateway-config.js';
import { limitConnections } from './connection-limit.js';
import { type Begin, http1Options, serveHttp1 } from './http1.js';
import { createHttp2 } from './http2.js';
import { Http2Sessions } from './http2-sessions.js';
import { isRefused, refuseRest } from './parser-errors.js';
import { choosePreface } from './preface.js';
import type { Certificate } from './server-certificate.js';
import { UnusedConnections } from './unused-connections.js';

export interface EdgeServerOptions {
  readonly config: GatewayConfig;
  /** Where there is one, the listener speaks TLS. */
  readonly certificate: Certificate | undefined;
  /** Asked for each connection: the configuration may have changed. */
  readonly connectionsPerAddress: () => number;
  readonly begin: Begin;
  /** Whether a WebSocket is offered at the target of a request. */
  readonly offersSocket: (target: string) => boolean;
}

/**
 * The listener of the API. HTTP/1.1 is Node's; connections that speak HTTP/2, by ALPN or, where the configuration wants that,
 * by their first bytes, are handed to a server of node:http2 that does not listen itself.
 */
export class EdgeServer {
  private readonly server: Server;
  private readonly http2: Http2Server;
  private readonly sessions: Http2Sessions;
  private readonly unused: UnusedConnections;

  constructor(private readonly options: EdgeServerOptions) {
    const { config, certificate, begin } = options;
    const { limits, http2, trustedProxies: proxies } = config;
    const own = http1Options(limits, options.offersSocket);
    const server = certificate ? createTlsServer({ ...own, ...certificate, ...tlsOptions(limits) }) : createServer(own);
    this.server = server;
    this.http2 = createHttp2(limits, http2.maxStreams, begin);
    this.sessions = new Http2Sessions(this.http2, limits);
    limitConnections(server, { perAddress: options.connectionsPerAddress, proxies, isTls: certificate !== undefined });
    this.unused = new UnusedConnections(server);
    if (server instanceof TlsServer) this.chooseByAlpn(server);
    else if (http2.cleartext) this.chooseByPreface(server);
    serveHttp1(server, begin, limits.requestSeconds);
  }

  /** Starts listening; resolves with the address, e.g. `http://127.0.0.1:8080`. Rejects when that cannot be had. */
  async listen({ host, port }: ListenAddress): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject).listen(port, host, resolve);
    await promise;
    this.server.off('error', reject);
    const address = this.server.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    const scheme = this.options.certificate ? 'https' : 'http';
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  }

  /** Proves itself by another certificate from the next connection on. */
  use(certificate: Certificate | undefined): void {
    if (certificate && this.server instanceof TlsServer) this.server.setSecureContext({ ...certificate, ...TLS });
  }

  /** Takes no more connections; resolves when the last request has its answer. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.sessions.close();
    await this.unused.endWhile(promise);
    this.sessions.end();
  }

  private chooseByAlpn(server: TlsServer): void {
    const http1 = replaced(server, 'secureConnection');
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') this.http2.emit('connection', socket);
      else http1(socket);
    });
    // Who speaks no TLS can be told nothing.
    server.removeAllListeners('tlsClientError').on('tlsClientError', (_error, socket) => socket.destroy());
  }

  private chooseByPreface(server: Server): void {
    const http1 = replaced(server, 'connection');
    const http2 = (socket: Socket) => this.http2.emit('connection', socket);
    const late = (socket: Socket) => {
      socket.on('error', () => socket.destroy()).resume();
      refuseRest(socket, 'REQUEST_TIMEOUT');
    };
    const limitMs = this.options.config.limits.headersSeconds * 1000;
    server.on('connection', (socket: Socket) => {
      if (isRefused(socket)) http1(socket);
      else choosePreface(socket, { http1, http2, late, limitMs });
    });
  }
}

const TLS = { minVersion: 'TLSv1.2' } as const;

const tlsOptions = ({ headersSeconds }: GatewayConfig['limits']) => ({
  ...TLS,
  ALPNProtocols: ['h2', 'http/1.1'],
  handshakeTimeout: headersSeconds * 1000,
});

/** Takes Node's own listener off, for it to be called where it is wanted. */
function replaced(server: Server, event: 'connection' | 'secureConnection'): (socket: Socket) => void {
  const [own] = server.listeners(event);
  if (!own) throw new Error(`node:http does not listen to ${event}`);
  server.off(event, own as () => void);
  return (socket) => Reflect.apply(own, server, [socket]);
}
