import { Orders } from '#libs/contracts';
import { loadConfig, runService } from '#libs/service';
import { ordersEnvironment } from './config.js';
import { OrdersModule } from './orders.module.js';

const config = loadConfig(ordersEnvironment);
await runService({ name: 'orders', module: OrdersModule.forRoot(config), services: [Orders], config });
