import { Injectable } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from './operations/operation.js';
import { setOperation } from './operations/operation-metadata.js';
import { Pipeline } from './pipeline/pipeline.js';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * One Nest handler per operation, named after it and bearing its policy, so that guards, interceptors and filters apply
 * as to the method of a controller. They must be global (APP_GUARD, …): a guard class put on such a handler by
 * `@UseGuards` would be skipped in silence, since Nest has scanned its modules before these handlers exist.
 */
@Injectable()
export class Handlers {
  /** Those of operations that nobody serves any more go with them. */
  private readonly handlers = new WeakMap<Operation, Handler>();

  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly pipeline: Pipeline,
  ) {}

  /** Runs an operation with everything that Nest puts around it. Resolves when the answer has been handed over. */
  async handle(operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let handler = this.handlers.get(operation);
    if (!handler) {
      handler = this.create(operation);
      this.handlers.set(operation, handler);
    }
    await handler(request, reply);
  }

  private create(operation: Operation): Handler {
    const { name } = operation;
    const pipeline = this.pipeline;
    // ThrottlerGuard and others tell handlers apart by name.
    const { [name]: handler } = {
      // Nest calls handlers with whatever its platform has: here with what `handle` gives.
      [name]: (...args: unknown[]) => pipeline.run(...(args as [FastifyRequest, FastifyReply])),
    };
    if (!handler) throw new Error(`no handler for ${name}`);
    // Another deployment has an operation of the same name.
    Object.defineProperty(this, name, { value: handler, configurable: true });
    setOperation(handler, operation);
    const options = { guards: true, interceptors: true, filters: true };
    return this.contexts.create(this, handler, name, undefined, undefined, undefined, undefined, options, 'http');
  }
}
