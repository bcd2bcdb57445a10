import type { ExecutionContext } from '@nestjs/common';
import type { Operation } from './operation.js';

// Read by each guard of each request: reflected metadata would cost several times as much.
const operations = new WeakMap<object, Operation>();

/** Makes a handler the handler of an operation: guards read its policy from there. */
export function setOperation(handler: object, operation: Operation): void {
  operations.set(handler, operation);
}

/** The operation that is called. Throws for a handler that has none: a guard never lets through what it cannot judge. */
export function operationOf(context: ExecutionContext): Operation {
  const operation = operations.get(context.getHandler());
  if (!operation) throw new Error(`${context.getHandler().name} is no operation of the gateway`);
  return operation;
}
