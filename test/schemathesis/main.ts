import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runStore } from '#libs/testing';
import { pythonPrograms } from '../python-environment.js';
import { judge } from './coverage.js';
import { operationsOf, ROLES, type Role } from './operations.js';

const HELP = `npm run check:api -- [OPTIONS]: asks a store all that its /openapi.json allows and forbids, by schemathesis, as
somebody without a token, as a customer and as an administrator.

  --max-examples N   generated requests per operation and phase (default 100)
  --seconds N        time for the whole run; it ends sooner where --max-examples is reached (default: no limit)
  --seed N           repeats an earlier run (default: a random one, which is printed)
  --role NAME        anonymous, customer or admin (default: one after the other)
  --operation ID     an operation of the document, e.g. Orders_PlaceOrder (default: all that the role may call)

Starts a store of its own in a temporary folder and removes it. STORE_URL names a running one instead: one for tests, in demo mode,
with TRUSTED_PROXIES=127.0.0.1; STORE_MAILBOX is its mailbox (http://…/mailbox on the internal listener of users).

Ends with 1 when something was found or not covered, with 2 when Python or the store is missing.`;

const options = {
  help: { type: 'boolean' },
  'max-examples': { type: 'string', default: '100' },
  seconds: { type: 'string' },
  seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  role: { type: 'string' },
  operation: { type: 'string', multiple: true },
} as const;

interface Store {
  readonly url: string;
  readonly mailbox: string | undefined;
}

interface Wanted {
  readonly 'max-examples': string;
  readonly seconds?: string | undefined;
  readonly seed: string;
  readonly operation?: string[] | undefined;
}

const folder = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), 'check-api-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

try {
  const { values } = parseArgs({ options });
  const roles = values.role === undefined ? ROLES : ROLES.filter((role) => role === values.role);
  if (roles.length === 0) throw new Error(`--role is none of ${ROLES.join(', ')}`);
  if (values.help) console.log(HELP);
  else process.exitCode = await checkStore(roles, values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function installed(): string {
  const requirements = join(folder, 'requirements.txt');
  return join(pythonPrograms({ name: 'schemathesis', requirements, neededBy: 'check:api' }), 'st');
}

function checkStore(roles: readonly Role[], wanted: Wanted): Promise<number> {
  const program = installed(); // without Python no store is started
  return withStore((store) => check({ store, program }, roles, wanted));
}

async function withStore(work: (store: Store) => Promise<number>): Promise<number> {
  const url = process.env.STORE_URL;
  if (url) return work({ url, mailbox: process.env.STORE_MAILBOX });
  console.log('Starting a store…');
  const store = runStore(join(scratch, 'store'), { TRUSTED_PROXIES: '127.0.0.1' });
  try {
    const { gateway, apps } = await store.ready();
    return await work({ url: gateway.url, mailbox: `${apps.users?.ops}/mailbox` });
  } finally {
    await store.stop();
  }
}

async function check({ store, program }: Pick<Run, 'store' | 'program'>, roles: readonly Role[], wanted: Wanted) {
  const openApi: unknown = await (await fetch(`${store.url}/openapi.json`)).json();
  console.log(`Seed ${wanted.seed}`);
  const faults = roles.map((role) => {
    const all = operationsOf(openApi, role);
    const operations = wanted.operation ? all.filter((one) => wanted.operation?.includes(one)) : all;
    return operations.length === 0 ? [] : checkAs(role, { store, program, operations, wanted, share: roles.length });
  });
  console.log(faults.flat().length === 0 ? '\nNothing was found.' : `\n${faults.flat().join('\n')}`);
  return faults.flat().length === 0 ? 0 : 1;
}

interface Run {
  readonly store: Store;
  readonly program: string;
  readonly operations: readonly string[];
  readonly wanted: Wanted;
  /** The parts that the time is shared by. */
  readonly share: number;
}

/** What is wrong, one line each. */
function checkAs(role: Role, { store, program, operations, wanted, share }: Run): string[] {
  console.log(`\n== as ${role}: ${operations.length} operations`);
  const counted = join(scratch, `${role}.json`);
  const { status } = spawnSync(program, argumentsOf(store, { operations, wanted, share }), {
    stdio: 'inherit',
    cwd: folder,
    env: {
      ...process.env,
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: '1',
      STORE_URL: store.url,
      STORE_ROLE: role,
      STORE_SEED: wanted.seed,
      STORE_STATUSES: counted,
      ...(store.mailbox && { STORE_MAILBOX: store.mailbox }),
    },
  });
  const { lines, gaps, calls } = judge(operations, JSON.parse(readFileSync(counted, 'utf8')));
  console.log(`\nAnswers to ${calls} calls as ${role}:\n${lines.join('\n')}`);
  return [
    ...(status === 0 ? [] : [`${role}: schemathesis ended with ${status}`]),
    ...gaps.map((gap) => `${role}: ${gap}`),
  ];
}

function argumentsOf(
  store: Store,
  { operations, wanted, share }: Pick<Run, 'operations' | 'wanted' | 'share'>,
): string[] {
  const seconds = wanted.seconds === undefined ? [] : ['--max-time', String(Math.ceil(Number(wanted.seconds) / share))];
  return [
    ...['--config-file', 'schemathesis.toml', 'run', `${store.url}/openapi.json`],
    ...['--phases', 'examples,coverage,fuzzing,stateful', '--generation-database', 'none'],
    ...['--seed', wanted.seed, '--max-examples', wanted['max-examples'], ...seconds],
    ...operations.flatMap((operation) => ['--include-operation-id', operation]),
  ];
}
