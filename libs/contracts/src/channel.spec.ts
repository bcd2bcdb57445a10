import {
  assertMaySend,
  Channel_Kind,
  CloseCustomerSchema,
  channelMessages,
  channelOf,
  MoneySchema,
  OrderPlacedSchema,
  ownerOf,
  PaymentCapturedSchema,
  ReserveStockSchema,
  sendersOf,
  services,
  topics,
} from './index.js';

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

  it('lets owners send facts, declared senders commands, and the service that declares a reply that reply', () => {
    const senders = [OrderPlacedSchema, ReserveStockSchema, CloseCustomerSchema, PaymentCapturedSchema].map(sendersOf);
    expect(senders).toEqual([['orders'], ['orders'], ['users'], ['payments']]);
  });

  it('names in type the service whose package declares the message, and in topics only services that exist', () => {
    expect(services).toEqual(['inventory', 'orders', 'payments', 'users']);
    for (const message of channelMessages) {
      const { type, kind, topic } = channelOf(message);
      const declaredBy = message.file.proto.package.split('.')[1];
      expect([type, ownerOf(type)]).toEqual([type, declaredBy]);
      if (kind !== Channel_Kind.REPLY) expect([type, ownerOf(topic)]).toEqual([type, declaredBy]);
      else expect([type, ownerOf(topic)]).not.toEqual([type, declaredBy]);
      expect(services).toEqual(expect.arrayContaining([...sendersOf(message)]));
    }
  });

  it('tells a service that it may not send a message, and who may', () => {
    expect(() => assertMaySend('users', PaymentCapturedSchema)).toThrow(
      'users may not send store.payments.v1.PaymentCaptured: by its messaging.v1.channel, payments may',
    );
    expect(() => assertMaySend('users', ReserveStockSchema)).toThrow(/orders may$/);
    assertMaySend('payments', PaymentCapturedSchema);
  });
});
