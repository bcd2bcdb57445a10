import { once } from 'node:events';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { Readable } from 'node:stream';
import { testFolder } from '#libs/testing';
import { LibraryGateway } from './library-gateway.js';
import { compileLibrary, TestLibrary } from './test-library.js';

const LIMITS = { headersSeconds: 1, requestSeconds: 2, bodyBytes: 100_000, connectionsPerAddress: 50 };

export interface Http2Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** A gateway for TestLibrary with short limits, and clients that speak HTTP/2 to it. */
export class Http2Gateway {
  gateway: LibraryGateway;
  private readonly sessions: ClientHttp2Session[] = [];

  static async prepare(): Promise<Http2Gateway> {
    const folder = await testFolder();
    return new Http2Gateway(folder, await TestLibrary.start(compileLibrary(folder)));
  }

  private constructor(
    readonly folder: string,
    readonly library: TestLibrary,
  ) {
    this.gateway = new LibraryGateway(folder);
  }

  get url(): string {
    return this.gateway.running.url;
  }

  async start(more: object): Promise<void> {
    this.gateway = new LibraryGateway(this.folder);
    await this.gateway.start(this.config(more));
  }

  /** In JSON, which YAML is a superset of. */
  config(more: object): string {
    const api = {
      name: 'library',
      descriptors: 'library.binpb',
      defaultPolicy: { public: true },
      allowPublicDefault: true,
      upstreams: { 'library.v1.Library': this.library.address },
    };
    const outgoing = { allow: ['127.0.0.1'], allowLocal: true };
    return JSON.stringify({ apis: [api], outgoing, limits: LIMITS, ...more });
  }

  session(ca?: string): ClientHttp2Session {
    const opened = connect(this.url, ca ? { ca } : {});
    opened.on('error', () => {});
    this.sessions.push(opened);
    return opened;
  }

  async stop(): Promise<void> {
    for (const session of this.sessions.splice(0)) session.destroy();
    await this.gateway.close();
  }

  close(): void {
    this.library.close();
  }
}

export async function ask(from: ClientHttp2Session, headers: OutgoingHttpHeaders): Promise<Http2Answer> {
  const stream = from.request(headers);
  const [told] = await once(stream, 'response');
  let body = '';
  for await (const chunk of stream.setEncoding('utf8')) body += chunk;
  return { status: told[':status'], headers: told, body };
}

/** Also where it has ended with an error before. */
export function closed(stream: Pick<Readable, 'on'>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on('error', () => {}).on('close', () => resolve());
  return promise;
}
