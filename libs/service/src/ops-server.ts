import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { metricsHandler } from '#libs/telemetry';
import type { ListenAddress } from './environment.js';
import { type OpsPages, PAGE_HEADERS } from './ops-pages.js';
import type { Readiness } from './readiness.js';
import { redactText } from './redact.js';

export interface OpsServerOptions {
  readonly listen: ListenAddress;
  readonly readiness: Readiness;
  /** Default none. */
  readonly pages?: OpsPages;
}

type KeySource = () => Promise<object>;

/**
 * The internal listener of an app: `/healthz` (the process lives), `/readyz` (it wants requests), `/metrics`
 * (Prometheus), the pages that were added and, once given, `/.well-known/jwks.json`. On plain node:http, so that it makes no spans and answers
 * whatever happens to the framework.
 */
export class OpsServer {
  private readonly server: Server;
  private publicKeys: KeySource | undefined;

  constructor(private readonly options: OpsServerOptions) {
    this.server = createServer((request, response) => this.handle(request, response));
  }

  /** Publishes the public keys that the app signs with. */
  publishKeys(publicKeys: KeySource): void {
    this.publicKeys = publicKeys;
  }

  /** Starts listening; resolves with the address, e.g. `http://127.0.0.1:9101`. */
  async listen(): Promise<string> {
    const { host, port } = this.options.listen;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject).listen(port, host, resolve);
    await promise;
    const address = this.server.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    this.answer(request, response).catch((error: unknown) => {
      const reason = error instanceof Error ? redactText(error.message) : 'failed';
      if (!response.headersSent) sendJson(response, 503, { error: reason });
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendJson(response.setHeader('allow', 'GET, HEAD'), 405, { error: 'Only GET and HEAD.' });
    }
    const path = request.url?.split('?', 1)[0] ?? '';
    const page = this.options.pages?.find(path, request.headers.host);
    if (page) {
      const html = await page();
      response.writeHead(200, PAGE_HEADERS).end(html);
      return;
    }
    switch (path) {
      case '/healthz':
        return sendJson(response, 200, { status: 'ok' });
      case '/readyz': {
        const { ready, ...report } = await this.options.readiness.report();
        return sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', ...report });
      }
      case '/metrics':
        return metricsHandler(response);
      case '/.well-known/jwks.json':
        if (this.publicKeys) return sendJson(response, 200, await this.publicKeys());
    }
    sendJson(response, 404, { error: 'Try /healthz, /readyz or /metrics.' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
