import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { channelOf } from '#libs/contracts';
import { repliesOf, toMermaid } from '#libs/saga';
import { PlaceOrderReplies } from './place-order.replies.js';
import { placeOrderSaga } from './place-order.saga.js';

describe('place-order', () => {
  it('is five steps with the capture as its pivot', () => {
    expect(placeOrderSaga.steps.map((step) => `${step.name}${step.pivot ? ' (pivot)' : ''}`)).toEqual([
      'reserve stock',
      'authorize payment',
      'hold stock',
      'capture payment (pivot)',
      'claim stock',
    ]);
  });

  it('has a handler for every reply that its table knows, and for no other', () => {
    const handlers = Object.getOwnPropertyNames(PlaceOrderReplies.prototype).flatMap((name): string[] => {
      const method: unknown = Reflect.get(PlaceOrderReplies.prototype, name);
      return typeof method === 'function' ? (Reflect.getMetadata(PATTERN_METADATA, method) ?? []) : [];
    });
    expect(handlers.sort()).toEqual(
      repliesOf(placeOrderSaga)
        .map((reply) => channelOf(reply).type)
        .sort(),
    );
  });

  it('can be drawn', () => {
    expect(toMermaid(placeOrderSaga)).toContain('undo["undo what was sent<br/>ReleaseStock, VoidPayment"]');
  });
});
