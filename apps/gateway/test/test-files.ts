import { readFileSync } from 'node:fs';
import type { Message } from '@bufbuild/protobuf';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { EndedSessions, serviceDefinition } from '#libs/contracts';
import { loadRegistry } from '#libs/transcoding';
import { TestSessions } from './test-sessions.js';

export type Fields = Message & Record<string, unknown>;
export type Reply = (error: object | null, value?: object) => void;
/** Whatever a call is. */
export type AnyCall = ServerUnaryCall<Fields, object> &
  ServerReadableStream<Fields, object> &
  ServerWritableStream<Fields, object> &
  ServerDuplexStream<Fields, object>;
type Handler = (call: AnyCall, reply: Reply) => unknown;

/** A gRPC server for files.proto; what it answers is the test's to say. */
export class TestFiles {
  /** How many calls were cancelled. */
  cancelled = 0;
  readonly calls: string[] = [];
  /** What it tells of ended sessions. */
  readonly sessions = new TestSessions();
  private readonly server = new Server({ 'grpc.max_receive_message_length': -1 });
  private readonly handlers = new Map<string, Handler>();
  private port = 0;
  /** Counts resets: a call of the test before is none of this one. */
  private test = 0;

  static async start(descriptors: string): Promise<TestFiles> {
    const files = new TestFiles();
    await files.listen(descriptors);
    return files;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  on(rpc: string, handler: Handler): this {
    this.handlers.set(rpc, handler);
    return this;
  }

  /** Forgets what was called and how to answer. */
  reset(): void {
    this.test++;
    this.cancelled = 0;
    this.calls.length = 0;
    this.handlers.clear();
  }

  close(): void {
    this.server.forceShutdown();
  }

  private async listen(descriptors: string): Promise<void> {
    const service = loadRegistry(readFileSync(descriptors), descriptors).getService('files.v1.Files');
    if (!service) throw new Error('files.proto has no Files');
    const handlers = service.methods.map(({ name }) => [
      name,
      (call: AnyCall, reply: Reply) => {
        const { test } = this;
        this.calls.push(name);
        call.on('cancelled', () => {
          if (test === this.test) this.cancelled++;
        });
        this.handlers.get(name)?.(call, reply);
      },
    ]);
    this.server.addService(serviceDefinition(service), Object.fromEntries(handlers));
    this.server.addService(serviceDefinition(EndedSessions), this.sessions.handlers);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
    this.port = await promise;
  }
}
