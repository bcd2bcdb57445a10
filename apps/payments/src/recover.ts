// node dist/apps/payments/src/recover.js --help
import 'reflect-metadata';
import { recover } from '#libs/recovery';
import { kafkaOf, loadConfig } from '#libs/service';
import { paymentsEnvironment } from './config.js';
import { RecoverPayments } from './recover/recover-payments.js';
import { SimulatorProvider } from './simulator-provider.js';

await recover('payments', () => {
  const config = loadConfig(paymentsEnvironment);
  return {
    databaseUrl: config.DATABASE_URL,
    kafka: kafkaOf(config),
    rebuild: async (recovery) => {
      await new RecoverPayments(recovery.database, new SimulatorProvider(config.PROVIDER_URL)).run(recovery);
    },
  };
});
