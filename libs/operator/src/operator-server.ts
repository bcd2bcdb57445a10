import type { DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { serviceDefinition } from '#libs/contracts';
import { isTransient } from '#libs/database';
import { DomainError, toDomainError, toServiceError } from '#libs/errors';
import { type ListenAddress, type Log, requestViolations } from '#libs/service';
import type { ActionsStore } from './actions.store.js';
import { Call } from './call.js';
import type { Credentials } from './credentials.js';
import { type Action, type Desk, verbOf } from './desk.js';
import { RowBudget } from './row-budget.js';

export interface OperatorServerParts {
  readonly desks: readonly Desk[];
  readonly credentials: Credentials;
  readonly actions: ActionsStore;
  readonly log: Log;
}

type Request = MessageShape<DescMethod['input']>;
type Answer = MessageInitShape<DescMethod['output']>;
type Unary = (request: Request, action: Action) => Promise<Answer>;
type Streaming = (request: Request, action: Action) => AsyncIterable<Answer>;

const CALLS_END_WITHIN_MS = 2_000;

/**
 * The operators' listener: gRPC on an address of its own, which nothing else is served on. Every call carries an
 * operator's token; who may do what is said by `operator.v1.verb` of the RPC. A verb that acts leaves a row in the audit
 * log, also when it fails; so does what is refused, within bounds.
 */
export class OperatorServer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 });
  private readonly refusals = new RowBudget();
  /** `host:port` that is listened on. */
  address = '';

  constructor(
    private readonly listen: ListenAddress,
    private readonly parts: OperatorServerParts,
  ) {
    for (const desk of parts.desks) this.server.addService(serviceDefinition(desk.service), this.handlers(desk));
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.listen;
    const bracketed = host.includes(':') ? `[${host}]` : host;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.bindAsync(`${bracketed}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
    this.address = `${bracketed}:${await promise}`;
    this.parts.log.info({ operator: this.address }, 'operator listener started');
  }

  /** First of all: a replay needs consumers and database until it ends. */
  async onModuleDestroy(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.server.forceShutdown(), CALLS_END_WITHIN_MS);
    this.server.tryShutdown(() => resolve());
    await promise;
    clearTimeout(timer);
  }

  private handlers(desk: Desk): Record<string, UntypedHandleCall> {
    return Object.fromEntries(
      desk.service.methods.map((method) => {
        verbOf(method); // refuses the boot of an RPC that nobody could be allowed to call
        return [method.name, method.methodKind === 'unary' ? this.unary(desk, method) : this.stream(desk, method)];
      }),
    );
  }

  private unary(desk: Desk, method: DescMethod) {
    const verb = handlerOf<Unary>(desk, method);
    return (received: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>): void => {
      const call = this.begin(method, received);
      this.admit(call)
        .then(() => verb(call.request, call))
        .then(async (answer) => {
          await call.done();
          return answer;
        })
        .then(
          (answer) => callback(null, answer),
          async (error) => callback(await this.failed(call, error)),
        );
    };
  }

  private stream(desk: Desk, method: DescMethod) {
    const verb = handlerOf<Streaming>(desk, method);
    return (received: ServerWritableStream<Request, Answer>): void => {
      const call = this.begin(method, received);
      const send = async () => {
        await this.admit(call);
        for await (const answer of verb(call.request, call)) {
          if (received.cancelled) break;
          received.write(answer);
        }
        await call.done();
        received.end();
      };
      send().catch(async (error) => received.emit('error', await this.failed(call, error)));
    };
  }

  private begin(method: DescMethod, { metadata, request }: { metadata: Metadata; request: Request }): Call {
    const token = bearerToken(metadata);
    const operator = token === undefined ? undefined : this.parts.credentials.find(token);
    return new Call({ method, request, operator }, this.parts.actions);
  }

  private async admit(call: Call): Promise<void> {
    call.authorize();
    const violations = requestViolations(call.method.input, call.request);
    if (violations.length > 0) throw new DomainError('VALIDATION_FAILED', { violations });
  }

  private async failed(call: Call, thrown: unknown) {
    const error = foreseen(thrown);
    const { log } = this.parts;
    const facts = { verb: call.name, operator: call.operator, code: error.code };
    if (error.code === 'INTERNAL') log.error({ ...facts, err: thrown }, 'operator verb failed');
    else log.warn(facts, 'operator verb refused');
    if (!call.isRefused || this.refusals.take(call.operator)) {
      await call.failed(error).catch((err: unknown) => log.error({ ...facts, err }, 'the audit log cannot be written'));
    }
    return toServiceError(error);
  }
}

function foreseen(thrown: unknown): DomainError {
  const error = toDomainError(thrown);
  if (error.code !== 'INTERNAL' || !isTransient(thrown)) return error;
  return new DomainError('UPSTREAM_UNAVAILABLE', { cause: thrown, retryAfterSeconds: 1 });
}

/** The types of `Verbs` hold for each desk by itself; over all desks only their common shape is left. */
function handlerOf<H>(desk: Desk, method: DescMethod): H {
  const verbs: Record<string, unknown> = desk.verbs;
  const handler = verbs[method.localName];
  if (typeof handler !== 'function') throw new Error(`${method.parent.typeName}.${method.name} has no handler`);
  return handler.bind(desk) as H;
}

function bearerToken(metadata: Metadata): string | undefined {
  const values = metadata.get('authorization');
  const [value] = values;
  return values.length === 1 && typeof value === 'string' ? /^Bearer (ops_[\w-]{43})$/.exec(value)?.[1] : undefined;
}
