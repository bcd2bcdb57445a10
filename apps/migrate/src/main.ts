import 'reflect-metadata';
import { resolve } from 'node:path';
import { readPlans } from '#libs/database';
import { KafkaRefusedError } from '#libs/messaging';
import { EX_CONFIG } from '#libs/service';
import { describeVariables, readConfig } from './config.js';
import { migrate } from './migrate.js';

const appsFolder = resolve('apps');
const args = process.argv.slice(2);
const plans = await readPlans(appsFolder);

const help = [
  'Prepares PostgreSQL and Kafka for the apps of this release: schemas, roles, tables, topics, ACLs. Safe to repeat.',
  '',
  'Usage: node dist/apps/migrate/src/main.js [--help], in the root of the repository',
  '',
  'Variables; X_FILE names a file that holds X instead:',
  ...describeVariables(plans),
].join('\n');

if (args.length > 0) {
  const asked = args.length === 1 && args[0] === '--help';
  process.stdout.write(asked ? `${help}\n` : `unknown argument ${args.join(' ')}; try --help\n`);
  process.exit(asked ? 0 : 1);
}

const config = readConfig(plans);
try {
  await migrate(appsFolder, config, (line) => process.stdout.write(`migrate: ${line}\n`));
  process.exit(0);
} catch (error) {
  process.stderr.write(`migrate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof KafkaRefusedError ? EX_CONFIG : 1);
}
