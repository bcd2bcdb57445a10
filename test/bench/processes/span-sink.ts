import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes the spans that gateways send (OTLP over HTTP), and drops them. */
export class SpanSink {
  /** How many bytes came. */
  bytes = 0;
  private readonly server: Server;

  static async start(): Promise<SpanSink> {
    const sink = new SpanSink();
    sink.server.listen(0, '127.0.0.1');
    await once(sink.server, 'listening');
    return sink;
  }

  private constructor() {
    this.server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        this.bytes += chunk.length;
      });
      request.on('end', () => response.end());
    });
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1/traces`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
