import { parseArgs } from 'node:util';
import { Database } from '#libs/database';
import { assertGroupEmpty, type KafkaPlace, rewindGroup } from '#libs/messaging';
import { ActionsStore } from '#libs/operator';
import { momentOf } from './moment.js';
import { type Past, readPast } from './past.js';

/** What a rebuild works with. */
export interface Recovery {
  readonly database: Database;
  /** Messages of these topics since then, by key. */
  past(topics: readonly string[]): Promise<Map<string, Past[]>>;
  /** One line for a person. */
  say(line: string): void;
}

export interface RecoveryOptions {
  readonly databaseUrl: string;
  readonly kafka: KafkaPlace & { readonly topicPrefix: string };
  /** Writes the rows that no message brings back, if they are missing. */
  rebuild?(recovery: Recovery): Promise<void>;
}

/** Clocks differ, and what was committed is sent a little later. */
const MARGIN_MS = 5 * 60_000;

const help = (
  service: string,
) => `Brings ${service} up to now after its database was restored, from what Kafka has. Run it while ${service} is stopped,
with the variables of ${service}; KAFKA_USERNAME must be one that may read all topics (admin). Safe to repeat.

  node dist/apps/${service}/src/recover.js --since MOMENT

  --since MOMENT   when the backup was taken, e.g. 2026-11-22T21:00:00Z: "moment" in the manifest that npm run backup writes.
                   Earlier, by as much as ${service} was behind with its messages then (more than five minutes)

docs/runbook.md, "Back up and restore", tells the order of the steps and what cannot come back.`;

/** The whole program; ends the process. `options` are asked for when there is something to do. */
export async function recover(service: string, options: () => RecoveryOptions): Promise<never> {
  try {
    const since = sinceWhen(process.argv.slice(2), service);
    if (since) await run(service, options(), since);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`recover ${service}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

function sinceWhen(args: readonly string[], service: string): Date | undefined {
  const options = { help: { type: 'boolean' }, since: { type: 'string' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (values.help || values.since === undefined) {
    process.stdout.write(`${help(service)}\n`);
    if (values.help) return undefined;
    throw new Error('--since is missing');
  }
  return momentOf(values.since);
}

async function run(service: string, options: RecoveryOptions, moment: Date): Promise<void> {
  const { databaseUrl, kafka, rebuild } = options;
  const say = (line: string) => process.stdout.write(`recover ${service}: ${line}\n`);
  const since = new Date(moment.getTime() - MARGIN_MS);
  const group = kafka.topicPrefix + service;
  // A service that runs would undo what follows, and could not be set back.
  await assertGroupEmpty(kafka, group);
  const database = new Database({ url: databaseUrl, applicationName: `${service} recovery`, maxConnections: 2 });
  try {
    const past = (topics: readonly string[]) => readPast({ ...kafka, topics, since });
    await rebuild?.({ database, past, say });
    for (const { topic, messages } of await rewindGroup(kafka, group, since))
      say(`${messages} messages of ${topic} come again`);
    await new ActionsStore(database.withTables()).add({
      ...{ operator: null, role: null, verb: 'Recover', target: service, outcome: 'DONE', error: null },
      reason: `restored to ${moment.toISOString()}`,
    });
    say(`done: start ${service}, it catches up with what comes`);
  } finally {
    await database.close();
  }
}
