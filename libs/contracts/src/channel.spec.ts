import { channelMessages, channelOf, MoneySchema, OrderPlacedSchema, topics } from './index.js';

describe('the channels of messages', () => {
  it('gives topic, key and type of an event from its proto', () => {
    expect(channelOf(OrderPlacedSchema)).toMatchObject({
      topic: 'orders.order.v1',
      key: 'order_id',
      type: 'orders.OrderPlaced.v1',
    });
  });

  it('refuses a message that was never meant for Kafka, naming it', () => {
    expect(() => channelOf(MoneySchema)).toThrow(/store\.type\.v1\.Money has no messaging\.v1\.channel/);
  });

  it('has one type name per message', () => {
    const types = channelMessages.map((message) => channelOf(message).type);
    expect(new Set(types).size).toBe(types.length);
    expect(types.every((type) => /^[a-z]+\.[A-Z][A-Za-z]+\.v1$/.test(type))).toBe(true);
  });

  it('lists every topic once', () => {
    expect(topics).toEqual([
      'inventory.commands.v1',
      'inventory.product.v1',
      'orders.commands.v1',
      'orders.order.v1',
      'orders.replies.v1',
      'payments.commands.v1',
      'payments.payment.v1',
      'users.replies.v1',
      'users.user.v1',
    ]);
  });
});
