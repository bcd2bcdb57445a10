import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Injectable } from '@nestjs/common';
import { OperatorOrders, type OrderFileSchema } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { type Desk, SagasDesk, type Verbs } from '#libs/operator';
import { toProto } from '../order.proto.js';
import { OrderStore } from '../order.store.js';
import { type HistoryRow, OrderHistoryStore } from './order-history.store.js';

/** Orders for operators: anybody's, with everything that moved them. */
@Injectable()
export class OrdersDesk implements Desk<typeof OperatorOrders> {
  readonly service = OperatorOrders;
  readonly verbs: Verbs<typeof OperatorOrders> = { showOrder: ({ id }) => this.show(id) };

  constructor(
    private readonly orders: OrderStore,
    private readonly history: OrderHistoryStore,
    private readonly sagas: SagasDesk,
  ) {}

  private async show(id: string): Promise<MessageInitShape<typeof OrderFileSchema>> {
    const order = await this.orders.find(id);
    if (!order) throw new DomainError('ORDER_NOT_FOUND');
    const history = await this.history.of(id);
    const sagas = await Promise.all(
      [id, ...order.refunds.map((refund) => refund.id)].map((one) => this.sagas.about(one)),
    );
    const [placing] = sagas.flat();
    return {
      order: toProto(order),
      customerId: order.customerId,
      history: history.map(changeToProto),
      sagas: sagas.flat(),
      traceId: placing?.traceId ?? '',
    };
  }
}

const changeToProto = ({ sequence, state, reason, cause, at }: HistoryRow) => ({
  ...{ sequence, state, cause },
  reason: reason ?? '',
  time: timestampFromDate(at),
});
