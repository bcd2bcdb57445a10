import { Controller } from '@nestjs/common';
import { OrderPlacedSchema } from '#libs/contracts';
import { type TestDatabase } from '#libs/testing';
import { InboxPurge } from '../src/inbox-purge.js';
import { On } from '../src/index.js';
import { shopDatabase, shopTables, startShop } from './shop.js';

@Controller()
class One {
  @On(OrderPlacedSchema)
  async placed(): Promise<void> {}
}

@Controller()
class Two {
  @On(OrderPlacedSchema)
  async alsoPlaced(): Promise<void> {}
}

describe('the boot of a service with messages', () => {
  let postgres: TestDatabase;

  beforeAll(async () => {
    postgres = await shopDatabase();
  });

  afterAll(() => postgres.close());

  const nowhere = ['127.0.0.1:1'];

  it('fails when a type has two handlers, naming the type', async () => {
    const boot = startShop({ databaseUrl: postgres.url, brokers: nowhere, controllers: [One, Two] });
    await expect(boot).rejects.toThrow('orders.OrderPlaced.v1 has two @On handlers in shop');
  });

  it('fails when the inbox would forget a message that may come again', async () => {
    const boot = startShop({ databaseUrl: postgres.url, brokers: nowhere, inboxRetentionDays: 14 });
    await expect(boot).rejects.toThrow('inboxRetentionDays is 14');
  });

  it('purges what is old from the inbox, and nothing else', async () => {
    const app = await startShop({ databaseUrl: postgres.url, brokers: nowhere });
    const { db } = shopTables(app);
    const day = 86_400_000;
    const row = (message_id: string, days: number) => ({
      consumer: 'shop',
      message_id,
      processed_at: new Date(Date.now() - days * day),
    });
    await db
      .insertInto('inbox')
      .values([row('old', 16), row('older', 40), row('young', 14)])
      .execute();
    expect(await app.get(InboxPurge, { strict: false }).run()).toBe(2);
    expect(await db.selectFrom('inbox').select('message_id').execute()).toEqual([{ message_id: 'young' }]);
    await app.close();
  });
});
