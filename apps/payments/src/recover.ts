// node dist/apps/payments/src/recover.js --help
import 'reflect-metadata';
import { recover } from '#libs/recovery';
import { kafkaOf, loadConfig } from '#libs/service';
import { paymentsEnvironment } from './config.js';

// Nothing to rebuild: what moves money comes by a command, and the provider answers a repeated call as it did the first time.
await recover('payments', () => {
  const config = loadConfig(paymentsEnvironment);
  return { databaseUrl: config.DATABASE_URL, kafka: kafkaOf(config) };
});
