import type { DescService } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServiceError, type sendUnaryData, status } from '@grpc/grpc-js';
import { GrpcMethodStreamingType, ServerGrpc } from '@nestjs/microservices';
import { Observable, Subject } from 'rxjs';
import { packageDefinition } from '#libs/contracts';
import { DomainError, toServiceError } from '#libs/errors';
import { RpcDuration } from '#libs/telemetry';
import { runInCall, type ServerCall } from './call-context.js';
import type { ListenAddress } from './environment.js';

const CALLS_END_WITHIN_MS = 7_000;

/** Clients connect anew about this often, and so spread over the replicas that there are then. Running calls end first. */
const CONNECTION_AGE_MS = 60_000;

const SERVER_OPTIONS = {
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_send_message_length': 4 * 1024 * 1024,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_connection_age_ms': CONNECTION_AGE_MS,
};

export interface GrpcTransportOptions {
  readonly listen: ListenAddress;
  readonly services: readonly DescService[];
}

/**
 * Nest's gRPC transport with what it leaves out: it listens only once all handlers are in place, every RPC must have
 * one, handlers know their deadline, calls are measured, and `close` lets running calls end.
 */
export class GrpcTransport extends ServerGrpc {
  private readonly server = new Server(SERVER_OPTIONS);
  private readonly draining = new Subject<ServiceError>();
  private readonly drained = new AbortController();
  private readonly duration = new RpcDuration('server');
  private closing: Promise<void> | undefined;
  /** `host:port` that is listened on. */
  address = '';

  constructor(private readonly settings: GrpcTransportOptions) {
    super({
      package: [...new Set(settings.services.map((service) => service.file.proto.package))],
      packageDefinition: packageDefinition(...settings.services),
    });
    this.grpcClient = this.server;
  }

  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.checkHandlers();
      await this.bindEvents();
      await this.bind();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  override createUnaryServiceMethod(methodHandler: Handler): UnaryMethod {
    const method = super.createUnaryServiceMethod(methodHandler) as UnaryMethod;
    return (call, callback) => {
      const started = performance.now();
      const answered: UnaryCallback = (error, value) => {
        this.duration.record(call.getPath(), codeOf(error), started);
        callback(error, value);
      };
      return runInCall(call, () => method(call, answered), this.drained.signal);
    };
  }

  override createStreamServiceMethod(methodHandler: Handler): StreamMethod {
    const handler: Handler = async (...args) =>
      this.untilDrained(this.transformToObservable(await methodHandler(...args)));
    const method = super.createStreamServiceMethod(handler) as StreamMethod;
    return async (call) => {
      const started = performance.now();
      let ended: number = status.OK;
      call.once('error', (error) => {
        ended = codeOf(error);
      });
      await runInCall(call, () => method(call), this.drained.signal);
      this.duration.record(call.getPath(), call.cancelled ? status.CANCELLED : ended, started);
    };
  }

  /**
   * Refuses new calls before any handler (clients send them to another replica), ends streams with UNAVAILABLE (their
   * clients resume there), tells handlers that only wait to answer, and gives the others 7 s.
   */
  override close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private async drain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.server.forceShutdown(), CALLS_END_WITHIN_MS);
    this.server.tryShutdown(() => resolve());
    this.drained.abort();
    this.draining.next(
      toServiceError(new DomainError('UPSTREAM_UNAVAILABLE', { message: 'The service is restarting.' })),
    );
    await promise;
    clearTimeout(timer);
  }

  private async bind(): Promise<void> {
    const { host, port } = this.settings.listen;
    const bracketed = host.includes(':') ? `[${host}]` : host;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.bindAsync(`${bracketed}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
    this.address = `${bracketed}:${await promise}`;
  }

  private checkHandlers(): void {
    const patterns = new Set(this.getHandlers().keys());
    for (const service of this.settings.services) {
      for (const method of service.methods) {
        const pattern = this.createPattern(service.typeName, method.name, GrpcMethodStreamingType.NO_STREAMING);
        if (!patterns.has(pattern)) {
          throw new Error(`${service.typeName}.${method.name} has no handler: add one with @Rpc to a controller`);
        }
      }
    }
  }

  private untilDrained(source: Observable<unknown>): Observable<unknown> {
    return new Observable((subscriber) => {
      subscriber.add(this.draining.subscribe((error) => subscriber.error(error)));
      subscriber.add(source.subscribe(subscriber));
    });
  }
}

type UnaryCallback = sendUnaryData<unknown>;
type UnaryMethod = (call: ServerCall, callback: UnaryCallback) => Promise<void>;
type StreamMethod = (call: StreamCall) => Promise<void>;
type CallError = Parameters<UnaryCallback>[0];

interface StreamCall extends ServerCall {
  readonly cancelled: boolean;
  once(event: 'cancelled', listener: () => void): unknown;
  once(event: 'error', listener: (error: CallError) => void): unknown;
}

type Handler = (...args: unknown[]) => unknown;

const codeOf = (error: CallError): number => (error ? (error.code ?? status.UNKNOWN) : status.OK);
