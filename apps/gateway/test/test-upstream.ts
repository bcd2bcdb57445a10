import type { Message } from '@bufbuild/protobuf';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { EndedSessions, Inventory, Orders, Payments, serviceDefinition, Users } from '#libs/contracts';
import { freePort } from '#libs/embedded';
import { toServiceError } from '#libs/errors';
import { TestSessions } from './test-sessions.js';

export type Answer = (call: Received) => unknown;
export type Streams = (call: ServerWritableStream<Message, unknown>) => void;

/** One call as it arrived. */
export interface Received {
  readonly rpc: string;
  readonly request: Message & Record<string, unknown>;
  readonly metadata: Metadata;
  readonly deadline: number;
  /** Resolves when the caller has cancelled. */
  readonly cancelled: Promise<void>;
}

/** All services of the store on one real gRPC server; what they answer is the test's to say. */
export class TestUpstream {
  readonly calls: Received[] = [];
  /** What it tells of ended sessions. */
  readonly sessions = new TestSessions();
  private readonly answers = new Map<string, Answer>();
  private readonly streams = new Map<string, Streams>();
  private server = new Server();
  private port = 0;

  static async start(): Promise<TestUpstream> {
    const upstream = new TestUpstream();
    await upstream.listen(await freePort());
    return upstream;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Answers an RPC with an init shape of its response, or throws what the caller is to get. */
  answer(rpc: string, answer: Answer): this {
    this.answers.set(rpc, answer);
    return this;
  }

  stream(rpc: string, streams: Streams): this {
    this.streams.set(rpc, streams);
    return this;
  }

  /** Forgets calls and answers. */
  reset(): void {
    this.calls.length = 0;
    this.answers.clear();
    this.streams.clear();
  }

  /** Ends all connections at once, as a killed process does. */
  kill(): void {
    this.server.forceShutdown();
  }

  /** Listens again at the same address. */
  async restart(): Promise<void> {
    this.server = new Server();
    await this.listen(this.port);
  }

  private async listen(port: number): Promise<void> {
    for (const service of [Users, Inventory, Orders, Payments]) {
      const handlers = service.methods.map((method) => [
        method.name,
        method.methodKind === 'unary'
          ? (call: ServerUnaryCall<Received['request'], unknown>, reply: Reply) => this.unary(method.name, call, reply)
          : (call: ServerWritableStream<Received['request'], unknown>) => this.streaming(method.name, call),
      ]);
      this.server.addService(serviceDefinition(service), Object.fromEntries(handlers));
    }
    this.server.addService(serviceDefinition(EndedSessions), this.sessions.handlers);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
    this.port = await promise;
  }

  private unary(rpc: string, call: ServerUnaryCall<Received['request'], unknown>, reply: Reply): void {
    const received = this.record(rpc, call);
    Promise.resolve()
      .then(() => (this.answers.get(rpc) ?? (() => ({})))(received))
      .then(
        (value) => reply(null, value),
        (error) => reply(toServiceError(error)),
      );
  }

  private streaming(rpc: string, call: ServerWritableStream<Received['request'], unknown>): void {
    this.record(rpc, call);
    const streams = this.streams.get(rpc);
    if (streams) streams(call);
    else call.end();
  }

  private record(
    rpc: string,
    call: ServerUnaryCall<Received['request'], unknown> | ServerWritableStream<Received['request'], unknown>,
  ): Received {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    call.once('cancelled', () => resolve());
    const { request, metadata } = call;
    const received = { rpc, request, metadata, deadline: Number(call.getDeadline()), cancelled };
    this.calls.push(received);
    return received;
  }
}

type Reply = (error: ServiceError | null, value?: unknown) => void;
