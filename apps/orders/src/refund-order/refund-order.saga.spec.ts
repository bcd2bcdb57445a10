import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { channelOf, PaymentRefundRejected_Reason as Reason } from '#libs/contracts';
import { repliesOf } from '#libs/saga';
import { REFUND_REJECTIONS } from './refund.js';
import { RefundOrderReplies } from './refund-order.replies.js';
import { refundOrderSaga, refundRefusal } from './refund-order.saga.js';

describe('refund-order', () => {
  it('has a handler for every reply that its table knows, and for no other', () => {
    const handlers = Object.getOwnPropertyNames(RefundOrderReplies.prototype).flatMap((name): string[] => {
      const method: unknown = Reflect.get(RefundOrderReplies.prototype, name);
      return typeof method === 'function' ? (Reflect.getMetadata(PATTERN_METADATA, method) ?? []) : [];
    });
    const replies = repliesOf(refundOrderSaga).map((reply) => channelOf(reply).type);
    expect(handlers.sort()).toEqual(replies.sort());
  });

  it.each(Object.values(Reason).filter((reason) => typeof reason === 'number'))(
    'ends with a rejection that orders knows when payments refuses for reason %i',
    (reason) => {
      expect(REFUND_REJECTIONS).toContain(refundRefusal(reason));
    },
  );
});
