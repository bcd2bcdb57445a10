// node dist/apps/inventory/src/recover.js --help
import 'reflect-metadata';
import { type Recovery, recover } from '#libs/recovery';
import { kafkaOf, loadConfig } from '#libs/service';
import { inventoryEnvironment } from './config.js';
import { RecoverCatalogue } from './recover/recover-catalogue.js';
import { RecoverReservations } from './recover/recover-reservations.js';

await recover('inventory', () => {
  const config = loadConfig(inventoryEnvironment);
  return { databaseUrl: config.DATABASE_URL, kafka: kafkaOf(config), rebuild };
});

/** Units are given back before stock is changed, as they were: a count that went down did so over fewer reservations. */
async function rebuild({ database, past, say }: Recovery): Promise<void> {
  const reservations = new RecoverReservations(database);
  let settled = 0;
  for (const [orderId, answers] of await past(['orders.replies.v1']))
    if (await reservations.recover(orderId, answers)) settled++;
  const expired = await reservations.expireDue();
  say(`${settled} reservations are settled as they were answered, ${expired} have expired`);
  const catalogue = new RecoverCatalogue(database);
  const counts = { products: 0, adjustments: 0 };
  for (const facts of (await past(['inventory.product.v1'])).values()) await catalogue.recover(facts, counts);
  say(`${counts.products} changes of products and ${counts.adjustments} of stock were missing`);
}
