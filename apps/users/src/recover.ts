// node dist/apps/users/src/recover.js --help
import 'reflect-metadata';
import { recover } from '#libs/recovery';
import { kafkaOf, loadConfig } from '#libs/service';
import { usersEnvironment } from './config.js';

// Nothing can be rebuilt: no message carries an account.
await recover('users', () => {
  const config = loadConfig(usersEnvironment);
  return { databaseUrl: config.DATABASE_URL, kafka: kafkaOf(config) };
});
