import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { Observable } from 'rxjs';
import { type OrderChangeSchema, Orders, type WatchOrderRequest } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { isTerminal, type Order } from '../order.js';
import { toProto } from '../order.proto.js';
import { OrderAccess } from '../order-access.js';
import { OrderChanges } from './order-changes.js';

type Change = MessageInitShape<typeof OrderChangeSchema>;

const changeOf = (order: Order): Change => ({ sequence: BigInt(order.sequence), order: toProto(order) });

@Controller()
export class WatchOrderHandler {
  constructor(
    private readonly access: OrderAccess,
    private readonly changes: OrderChanges,
  ) {}

  @Rpc(Orders.method.watchOrder)
  async watch(@Payload() { id, afterSequence }: WatchOrderRequest, @CurrentPrincipal() caller: Principal) {
    const order = await this.access.readable(id, caller);
    return streamOf((signal) => this.changesOf(order, Number(afterSequence), signal));
  }

  /** From the beginning: the order as it is, then its changes. After a sequence: every change beyond it. */
  private async *changesOf(order: Order, after: number, signal: AbortSignal): AsyncGenerator<Change> {
    if (after === 0) yield changeOf(order);
    const seen = after === 0 ? order.sequence : Math.min(after, order.sequence);
    if (isTerminal(order.status.state) && seen === order.sequence) return;
    for await (const change of this.changes.follow(order.id, seen, signal)) yield changeOf(change);
  }
}

/** An Observable of what the generator yields; unsubscribing aborts the generator's signal. */
function streamOf<T>(generate: (signal: AbortSignal) => AsyncGenerator<T>): Observable<T> {
  return new Observable((subscriber) => {
    const end = new AbortController();
    const run = async () => {
      for await (const value of generate(end.signal)) subscriber.next(value);
      subscriber.complete();
    };
    run().catch((error: unknown) => subscriber.error(error));
    return () => end.abort();
  });
}
