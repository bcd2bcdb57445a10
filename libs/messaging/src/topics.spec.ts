import { allTopics, deadLetterTopic } from './topics.js';

describe('the topics', () => {
  it('give commands and replies one dead-letter topic, facts one per service', () => {
    const byName = new Map(allTopics().map(({ name, deadLetters }) => [name, deadLetters.map(({ topic }) => topic)]));
    expect(byName.get('inventory.commands.v1')).toEqual(['inventory.commands.v1.inventory.dlt']);
    expect(byName.get('orders.replies.v1')).toEqual(['orders.replies.v1.orders.dlt']);
    expect(byName.get('inventory.product.v1')).toEqual(
      ['inventory', 'orders', 'payments', 'users'].map((group) => deadLetterTopic('inventory.product.v1', group)),
    );
  });
});
