import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Path } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { DomainError, type FieldViolation } from '#libs/errors';
import { rpcOf } from './rpc.js';
import { unstorableText } from './storable-text.js';

const validator = createValidator();

/** What a message breaks of the `buf.validate` rules of its proto; paths are in json names, e.g. `lines[0].sku`. */
export function violationsOf<D extends DescMessage>(schema: D, message: MessageShape<D>): FieldViolation[] {
  const result = validator.validate(schema, message);
  if (result.kind === 'error') throw result.error;
  if (result.kind === 'valid') return [];
  return result.violations.map((violation) => ({
    field: jsonPath(violation.field),
    description: violation.message,
    reason: violation.ruleId,
  }));
}

/** Everything that keeps a request from its handler. */
export function requestViolations<D extends DescMessage>(schema: D, message: MessageShape<D>): FieldViolation[] {
  return [...violationsOf(schema, message), ...unstorableText(schema, message)];
}

function jsonPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (step.kind === 'list_sub') text += `[${step.index}]`;
    else if (step.kind === 'map_sub')
      text += `[${JSON.stringify(step.key, (_, key) => (typeof key === 'bigint' ? `${key}` : key))}]`;
    else text += `${text && '.'}${step.kind === 'field' ? step.jsonName : step.name}`;
  }
  return text;
}

/** Lets only valid requests reach a handler. The gateway has checked them too, but it is not the only caller. */
@Injectable()
export class RequestValidation implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rpc = rpcOf(context);
    const request = context.switchToRpc().getData();
    const violations = rpc ? requestViolations(rpc.input, request) : [];
    if (violations.length > 0) throw new DomainError('VALIDATION_FAILED', { violations });
    return next.handle();
  }
}
