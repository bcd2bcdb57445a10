import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Order_LineSchema, Order_Reason, Order_State, type OrderSchema } from '#libs/contracts';
import type { Order, OrderLine, OrderStatus } from './order.js';
import { refundedOf } from './refund-order/refund.js';
import { refundToProto } from './refund-order/refund.proto.js';

/** The order as the API shows it. */
export function toProto(order: Order): MessageInitShape<typeof OrderSchema> {
  return {
    id: order.id,
    customerId: order.customerId,
    state: Order_State[order.status.state],
    reason: reasonToProto(order.status),
    lines: order.lines.map(lineToProto),
    total: order.total,
    createTime: timestampFromDate(order.createTime),
    updateTime: timestampFromDate(order.updateTime),
    refunds: order.refunds.map(refundToProto),
    amountRefunded: refundedOf(order),
  };
}

export const reasonToProto = (status: OrderStatus): Order_Reason =>
  status.state === 'REJECTED' ? Order_Reason[status.reason] : Order_Reason.REASON_UNSPECIFIED;

export const lineToProto = (line: OrderLine): MessageInitShape<typeof Order_LineSchema> => ({ ...line });
