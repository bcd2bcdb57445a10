import { Injectable } from '@nestjs/common';
import { ExternalContextCreator, type ExternalContextOptions } from '@nestjs/core/helpers/external-context-creator.js';
import type { EdgeReply } from './http/edge-reply.js';
import type { EdgeRequest } from './http/edge-request.js';
import type { Operation } from './operations/operation.js';
import { setOperation } from './operations/operation-metadata.js';
import { Pipeline } from './pipeline/pipeline.js';

type Handler = (request: EdgeRequest, reply: EdgeReply, error?: unknown) => Promise<void>;

/**
 * One Nest handler per operation, named after it and bearing its policy, so that guards, interceptors and filters apply
 * as to the method of a controller. They must be global (APP_GUARD, …): a guard class put on such a handler by
 * `@UseGuards` would be skipped in silence, since Nest has scanned its modules before these handlers exist.
 */
@Injectable()
export class Handlers {
  /** Those of operations that nobody serves any more go with them. */
  private readonly handlers = new WeakMap<Operation, Handler>();
  private refusal: Handler | undefined;

  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly pipeline: Pipeline,
  ) {}

  /** Runs an operation with everything that Nest puts around it. Resolves when the answer has been handed over. */
  handle(operation: Operation, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    let handler = this.handlers.get(operation);
    if (!handler) {
      handler = this.create(operation);
      this.handlers.set(operation, handler);
    }
    return handler(request, reply);
  }

  /** Answers what is refused before there is an operation, by the same filters. Rejects where no filter takes it. */
  async refuse(error: unknown, request: EdgeRequest, reply: EdgeReply): Promise<void> {
    this.refusal ??= this.wrap(throwLast, { guards: false, interceptors: false, filters: true });
    await this.refusal(request, reply, error);
  }

  private create(operation: Operation): Handler {
    const { name } = operation;
    const pipeline = this.pipeline;
    // ThrottlerGuard and others tell handlers apart by name.
    const { [name]: handler } = {
      // Nest calls handlers with whatever its platform has: here with what `handle` gives.
      [name]: (...args: unknown[]) => pipeline.run(...(args as [EdgeRequest, EdgeReply])),
    };
    if (!handler) throw new Error(`no handler for ${name}`);
    // Another deployment has an operation of the same name.
    Object.defineProperty(this, name, { value: handler, configurable: true });
    setOperation(handler, operation);
    return this.wrap(handler, { guards: true, interceptors: true, filters: true });
  }

  private wrap(handler: (...args: unknown[]) => unknown, options: ExternalContextOptions): Handler {
    const { name } = handler;
    return this.contexts.create(this, handler, name, undefined, undefined, undefined, undefined, options, 'http');
  }
}

/** The handler of what is refused early: filters answer what a handler throws. */
function throwLast(...args: unknown[]): never {
  throw args.at(-1);
}
