import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkStore } from './check-store.js';
import { type Place, placeOf } from './place.js';
import type { Violation } from './rule.js';

const HELP = `Reads the databases and topics of a store and tells which invariants do not hold.

  node test/invariants/check.mjs                        the store that npm start runs (.run/stack.json)
  node test/invariants/check.mjs --stack FILE           another stack.json
  node test/invariants/check.mjs --database URL --brokers HOST:PORT[,…]
                                                        URL: a role that may read every schema
  node test/invariants/check.mjs --environment          DATABASE_URL, KAFKA_BROKERS, KAFKA_USERNAME, KAFKA_PASSWORD;
                                                        each may be a file that X_FILE names

  --patience SECONDS   time for work on its way to arrive; default 30
  --prefix TEXT        put before every topic (KAFKA_TOPIC_PREFIX)
  --json               violations as JSON, one per line

Ends with 0 when all hold, with 1 when some do not, with 2 when they could not be checked.`;

const options = {
  help: { type: 'boolean' },
  stack: { type: 'string', default: '.run/stack.json' },
  database: { type: 'string' },
  brokers: { type: 'string' },
  environment: { type: 'boolean' },
  patience: { type: 'string', default: '30' },
  prefix: { type: 'string', default: '' },
  json: { type: 'boolean' },
} as const;

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = tell(await check(values), values.json ?? false);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

interface Wanted {
  stack: string;
  database?: string;
  brokers?: string;
  environment?: boolean;
  patience: string;
  prefix: string;
}

function check(wanted: Wanted): Promise<Violation[]> {
  const { stack, ...more } = placeWanted(wanted);
  return checkStore(stack, { patienceSeconds: Number(wanted.patience), topicPrefix: wanted.prefix, ...more });
}

function placeWanted({ stack, database, brokers, environment }: Wanted): Place {
  if (environment) return placeOf(process.env);
  if ((database === undefined) !== (brokers === undefined)) throw new Error('--database and --brokers go together');
  if (database && brokers) return { stack: { postgres: { url: database }, kafka: { brokers } } };
  if (!existsSync(stack)) throw new Error(`there is no ${stack}: is the store running? See --help.`);
  return { stack: JSON.parse(readFileSync(stack, 'utf8')) };
}

function tell(violations: readonly Violation[], json: boolean): number {
  for (const { settles: _, ...violation } of violations) {
    const { invariant, what, subject, evidence } = violation;
    console.log(json ? JSON.stringify(violation) : `${invariant} ${what}: ${subject} ${JSON.stringify(evidence)}`);
  }
  if (!json) console.log(violations.length === 0 ? 'All invariants hold.' : `${violations.length} violations.`);
  return violations.length === 0 ? 0 : 1;
}
