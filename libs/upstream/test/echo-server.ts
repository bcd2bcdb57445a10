import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerOptions,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { asIs } from './calls.js';

type Client = (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void;
type Unary = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void;

const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  ...{ path: `/test.Echo/${name}`, requestStream, responseStream },
  ...{ requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs },
});

const SERVICE = {
  unary: method('Unary', false, false),
  server: method('Server', false, true),
  client: method('Client', true, false),
  bidi: method('Bidi', true, true),
};

const echo: Unary = (call, answer) => answer(null, call.request);

export interface EchoOptions {
  readonly unary?: Unary;
  /** Pauses between messages of a stream for the reader to have taken them. Default: counts from 1 to what the request says. */
  readonly server?: (call: ServerWritableStream<Buffer, Buffer>) => void;
  /** Default: answers with all that was sent. */
  readonly client?: Client;
  readonly credentials?: ServerCredentials;
  readonly options?: ServerOptions;
  readonly port?: number;
}

const running: EchoServer[] = [];

/** A real server of grpc-js. It says what it was asked, and stops after the test. */
export class EchoServer {
  /** Calls that handlers saw. */
  seen = 0;
  /** Calls whose callers have gone. */
  cancelled = 0;
  port = 0;
  private server = new Server();

  private constructor(private readonly settings: EchoOptions) {}

  static async start(settings: EchoOptions = {}): Promise<EchoServer> {
    const server = new EchoServer(settings);
    running.push(server);
    await server.listen(settings.port ?? 0);
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** At the same port as before, by default. */
  async listen(port = this.port): Promise<void> {
    const {
      unary = echo,
      server = count,
      client = joined,
      credentials = ServerCredentials.createInsecure(),
      options = {},
    } = this.settings;
    this.server = new Server(options);
    this.server.addService(SERVICE, {
      unary: this.counted(unary),
      server: this.counted(server),
      client: this.counted(client),
      bidi: this.counted(echoEach),
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    this.port = await promise;
  }

  /** Asks for new connections (GOAWAY); running calls end. Resolves when they have. */
  drain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.tryShutdown(() => resolve());
    return promise;
  }

  /** Every connection breaks. */
  kill(): void {
    this.server.forceShutdown();
  }

  private counted<A extends unknown[]>(handler: (call: never, ...more: A) => void) {
    return (call: { on(event: 'cancelled', listener: () => void): unknown }, ...more: A): void => {
      this.seen += 1;
      call.on('cancelled', () => {
        this.cancelled += 1;
      });
      handler(call as never, ...more);
    };
  }
}

afterEach(() => {
  for (const server of running.splice(0)) server.kill();
});

function count(call: ServerWritableStream<Buffer, Buffer>): void {
  for (let number = 1; number <= Number(call.request.toString()); number++) call.write(Buffer.from(String(number)));
  call.end();
}

function joined(call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void {
  const parts: Buffer[] = [];
  call.on('data', (part: Buffer) => parts.push(part));
  call.on('end', () => answer(null, Buffer.concat(parts)));
}

function echoEach(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on('data', (part: Buffer) => call.write(part));
  call.on('end', () => call.end());
}

/** Metadata from pairs. */
export function metadataOf(entries: Readonly<Record<string, string | Buffer>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}
