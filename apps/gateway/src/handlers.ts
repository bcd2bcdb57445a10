import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operations } from './operations/load-operations.js';
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
export class Handlers implements OnModuleInit {
  private readonly handlers = new Map<Operation, Handler>();

  constructor(
    private readonly operations: Operations,
    private readonly contexts: ExternalContextCreator,
    private readonly pipeline: Pipeline,
  ) {}

  /** Not in the constructor: only now has Nest made the global guards. */
  onModuleInit(): void {
    for (const operation of this.operations.all) this.handlers.set(operation, this.create(operation));
  }

  /** Runs an operation with everything that Nest puts around it. Resolves when the answer has been handed over. */
  async handle(operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const handler = this.handlers.get(operation);
    if (!handler) throw new Error(`${operation.name} has no handler`);
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
    Object.defineProperty(this, name, { value: handler });
    setOperation(handler, operation);
    const options = { guards: true, interceptors: true, filters: true };
    return this.contexts.create(this, handler, name, undefined, undefined, undefined, undefined, options, 'http');
  }
}
