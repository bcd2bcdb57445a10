import { Payments } from '#libs/contracts';
import { loadConfig, runService } from '#libs/service';
import { paymentsEnvironment } from './config.js';
import { PaymentsModule } from './payments.module.js';

const config = loadConfig(paymentsEnvironment);

await runService({ name: 'payments', module: PaymentsModule.forRoot(config), services: [Payments], config });
