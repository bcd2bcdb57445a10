import type { ExecutionContext } from '@nestjs/common';
import type { Operation } from './operation.js';

const OPERATION = Symbol('operation');

/** Makes a handler the handler of an operation: guards read its policy from there. */
export function setOperation(handler: object, operation: Operation): void {
  Reflect.defineMetadata(OPERATION, operation, handler);
}

/** The operation that is called. Throws for a handler that has none: a guard never lets through what it cannot judge. */
export function operationOf(context: ExecutionContext): Operation {
  const operation: Operation | undefined = Reflect.getMetadata(OPERATION, context.getHandler());
  if (!operation) throw new Error(`${context.getHandler().name} is no operation of the gateway`);
  return operation;
}
