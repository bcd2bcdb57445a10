import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type ArgumentsHost, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { channelOf } from '#libs/contracts';
import type { Delivery } from './delivery.js';

/** Binds `@On` handlers to KafkaStrategy alone: a gRPC server of the same application does not see them. */
export const KAFKA = Symbol('kafka');

export interface OnOptions {
  /**
   * `automatic` (default): the handler runs in one transaction with the inbox row. `manual`: it runs outside of any,
   * may call the outside world, and ends with `delivery.complete(...)`.
   */
  inbox?: 'automatic' | 'manual';
}

/** What KafkaStrategy finds beside a handler. */
export interface Subscription {
  readonly message: DescMessage;
  readonly inbox: 'automatic' | 'manual';
}

/**
 * Handles messages of one type, on a method `(message, delivery) => Promise<void>` of a Nest controller. One handler
 * per type and service; the second fails the boot. What the handler throws is tried again and in the end dead-lettered;
 * connection errors and `RetryLater` are tried for ever.
 */
export function On<D extends DescMessage>(message: D, { inbox = 'automatic' }: OnOptions = {}) {
  const { type } = channelOf(message);
  const subscription: Subscription = { message, inbox };
  return <H extends (message: MessageShape<D>, delivery: Delivery) => Promise<void>>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    // Without these two, Nest would pass the message alone.
    Payload()(target, property, 0);
    Ctx()(target, property, 1);
    EventPattern<string>(type, KAFKA, { subscription })(target, property, descriptor);
    UseFilters(new RethrowErrors())(target, property, descriptor);
  };
}

/** Nest's own filter would replace every error by {status, message}: the consumer must see what was thrown. */
@Catch()
class RethrowErrors implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}
