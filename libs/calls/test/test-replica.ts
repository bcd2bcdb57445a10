import { type Client, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { freePort } from '#libs/embedded';
import { type UnaryCall, unaryCall } from '../src/unary-call.js';

const PATH = '/test.Replica/Answer';
const bytes = (value: Buffer) => value;
const DEFINITION = {
  answer: {
    ...{ path: PATH, requestStream: false, responseStream: false },
    ...{ requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes },
  },
};

/** A gRPC server that answers every call with its own name, and knows how many it has seen. */
export class TestReplica {
  seen = 0;
  private server: Server | undefined;

  private constructor(
    private readonly name: string,
    private readonly options: { takesMs: number; ageMs?: number; answers?: () => Partial<ServiceError> | null },
  ) {}

  static async start(name: string, options: Partial<TestReplica['options']> = {}, port?: number): Promise<TestReplica> {
    const replica = new TestReplica(name, { takesMs: 5, ...options });
    await replica.listen(port ?? (await freePort()));
    return replica;
  }

  port = 0;

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async listen(port = this.port): Promise<void> {
    const { ageMs } = this.options;
    const server = new Server(ageMs === undefined ? {} : { 'grpc.max_connection_age_ms': ageMs });
    this.server = server;
    server.addService(DEFINITION, {
      answer: (_call: unknown, answer: (error: Partial<ServiceError> | null, value: Buffer) => void) => {
        this.seen++;
        const error = this.options.answers?.() ?? null;
        setTimeout(() => answer(error, Buffer.from(this.name)), this.options.takesMs);
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
    this.port = await promise;
  }

  /** Running calls end, new ones are refused. */
  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server?.tryShutdown(() => resolve());
    await promise;
  }

  /** Every connection breaks. */
  kill(): void {
    this.server?.forceShutdown();
  }
}

/** The name of the replica that answered. */
export async function ask(
  client: Client,
  limits: Partial<Pick<UnaryCall<unknown, unknown>, 'attempts' | 'deadline' | 'signal' | 'onRetry'>> = {},
): Promise<string> {
  const call = { client, path: PATH, request: Buffer.alloc(1), serialize: bytes, deserialize: bytes };
  const answer = await unaryCall({
    ...call,
    ...{ metadata: new Metadata(), attempts: 1, deadline: Date.now() + 10_000 },
    ...limits,
  });
  return answer.toString();
}

export const codeOf = (error: unknown): number =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : status.UNKNOWN;
