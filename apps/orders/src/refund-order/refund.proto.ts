import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Refund_Reason, Refund_Rejection, Refund_State, type RefundSchema } from '#libs/contracts';
import type { Refund } from './refund.js';

/** The refund as the API shows it. */
export function refundToProto(refund: Refund): MessageInitShape<typeof RefundSchema> {
  const { id, orderId, amount, reason, status } = refund;
  return {
    ...{ id, orderId, amount, reason: Refund_Reason[reason], state: Refund_State[status.state] },
    rejection: Refund_Rejection[status.state === 'REJECTED' ? status.rejection : 'REJECTION_UNSPECIFIED'],
    createTime: timestampFromDate(refund.createTime),
    updateTime: timestampFromDate(refund.updateTime),
  };
}
