import { Inventory } from '#libs/contracts';
import { loadConfig, runService } from '#libs/service';
import { inventoryEnvironment } from './config.js';
import { InventoryModule } from './inventory.module.js';

const config = loadConfig(inventoryEnvironment);
await runService({ name: 'inventory', module: InventoryModule.forRoot(config), services: [Inventory], config });
