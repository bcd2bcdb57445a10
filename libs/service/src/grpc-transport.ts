import type { DescService } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServiceError, type sendUnaryData, status } from '@grpc/grpc-js';
import { GrpcMethodStreamingType, ServerGrpc } from '@nestjs/microservices';
import { Observable, Subject } from 'rxjs';
import { packageDefinition } from '#libs/contracts';
import { DomainError, toServiceError } from '#libs/errors';
import { meter } from '#libs/telemetry';
import { runInCall, type ServerCall } from './call-context.js';
import type { ListenAddress } from './environment.js';

const CALLS_END_WITHIN_MS = 4_000;

const SERVER_OPTIONS = {
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
  'grpc.max_send_message_length': 4 * 1024 * 1024,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
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
  private readonly duration = meter('service').createHistogram('rpc.server.call.duration', {
    unit: 's',
    description: 'Duration of incoming gRPC calls',
    advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
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
      return runInCall(call, () =>
        method(call, (error, value) => {
          this.measure(call, started, error);
          callback(error, value);
        }),
      );
    };
  }

  override createStreamServiceMethod(methodHandler: Handler): StreamMethod {
    const handler: Handler = async (...args) =>
      this.untilDrained(this.transformToObservable(await methodHandler(...args)));
    const method = super.createStreamServiceMethod(handler) as StreamMethod;
    return (call) => runInCall(call, () => method(call));
  }

  /** Refuses new calls, ends streams with UNAVAILABLE (their clients resume elsewhere), and gives the others 4 s. */
  override close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private async drain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.server.forceShutdown(), CALLS_END_WITHIN_MS);
    this.server.tryShutdown(() => resolve());
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

  private measure(call: ServerCall, started: number, error: Parameters<UnaryCallback>[0]): void {
    const [, service = '', method = ''] = call.getPath().split('/');
    this.duration.record((performance.now() - started) / 1000, {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
      'rpc.grpc.status_code': error ? (error.code ?? status.UNKNOWN) : status.OK,
    });
  }
}

type UnaryCallback = sendUnaryData<unknown>;
type UnaryMethod = (call: ServerCall, callback: UnaryCallback) => Promise<void>;
type StreamMethod = (call: ServerCall) => Promise<void>;
type Handler = (...args: unknown[]) => unknown;
