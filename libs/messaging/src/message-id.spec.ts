import { OrderConfirmedSchema, OrderRejectedSchema } from '#libs/contracts';
import { onceAbout } from './message-id.js';

describe('the id of a message that is told once about its subject', () => {
  it('is the same whenever it is asked for, and a uuid of version 8', () => {
    const id = onceAbout(OrderConfirmedSchema, 'one');
    expect(onceAbout(OrderConfirmedSchema, 'one')).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is another one for another subject, and for another message about the same', () => {
    const ids = [
      onceAbout(OrderConfirmedSchema, 'one'),
      onceAbout(OrderConfirmedSchema, 'two'),
      onceAbout(OrderRejectedSchema, 'one'),
    ];
    expect(new Set(ids).size).toBe(3);
  });
});
