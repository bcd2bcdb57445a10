import { randomUUID } from 'node:crypto';
import { Inventory } from '#libs/contracts';
import { type TestService, testService, until } from '#libs/testing';
import { inventoryEnvironment } from '../src/config.js';
import { InventoryModule } from '../src/inventory.module.js';

/** The service as it runs in production; ready, its consumer group joined. */
export async function startInventory(env: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const service = await testService({
    name: 'inventory',
    services: [Inventory],
    environment: inventoryEnvironment,
    module: (config) => InventoryModule.forRoot(config),
    env,
  });
  await until(async () => (await fetch(`${service.opsUrl}/readyz`)).ok, { what: '/readyz', timeout: 60_000 });
  return service;
}

/** Somebody with these scopes. */
export const someone = (...scopes: string[]) => ({ as: { subject: randomUUID(), scopes } });
