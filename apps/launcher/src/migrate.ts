import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type KafkaIdentities, type Progress, repositoryFolder } from '#libs/embedded';
import { type Role, roles } from './apps.js';
import { kafkaVariables } from './kafka-identities.js';

export interface MigrateOptions {
  databaseUrl: string;
  brokers: string;
  kafkaIdentities?: KafkaIdentities | undefined;
  passwords: Readonly<Record<Role, string>>;
  say: Progress;
}

/** Runs the migrate job: roles, schemas, tables, topics. @throws when it fails; its own lines were told by then */
export async function migrate({
  databaseUrl,
  brokers,
  kafkaIdentities,
  passwords,
  say,
}: MigrateOptions): Promise<void> {
  const secrets = roles.map((role) => [`${role.toUpperCase()}_DATABASE_PASSWORD`, passwords[role]]);
  const job = spawn(process.execPath, ['dist/apps/migrate/src/main.js'], {
    cwd: repositoryFolder(),
    env: {
      ...process.env,
      ...Object.fromEntries(secrets),
      DATABASE_URL: databaseUrl,
      DATABASE_URL_FILE: undefined, // where ours came from, perhaps
      KAFKA_BROKERS: brokers,
      ...kafkaVariables(kafkaIdentities, kafkaIdentities?.administrator ?? ''),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [job.stdout, job.stderr]) {
    createInterface(stream).on('line', (line) => say(line.replace(/^migrate: /, '  ')));
  }
  const [code, signal] = await once(job, 'close');
  if (code !== 0) throw new Error(`The migration failed (${signal ?? `exit code ${code}`}): see the lines above`);
}
