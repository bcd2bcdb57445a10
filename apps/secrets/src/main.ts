import { parseArgs } from 'node:util';
import { makeSecrets } from './make-secrets.js';

const help = `Makes the passwords of a composed store at its first start, each at random, and a folder for each container with what
that one needs. What exists is kept; what is missing is added. Values are never printed.

Usage: node dist/apps/secrets/src/main.js --folder PATH [--renew NAME]… [--database HOST:PORT/NAME] [--valkey HOST:PORT]

  --folder     where the secrets are kept; containers mount PATH/<their name>
  --renew      a password to be made anew, e.g. kafka-users; the servers and apps that use it have to be started again
  --database   where PostgreSQL is, for the URLs of the apps (default postgres:5432/store)
  --valkey     where Valkey is, for the URL of the gateway (default valkey:6379)`;

const OPTIONS = {
  folder: { type: 'string' },
  renew: { type: 'string', multiple: true },
  database: { type: 'string', default: 'postgres:5432/store' },
  valkey: { type: 'string', default: 'valkey:6379' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function main(args: string[]): void {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) {
    console.log(help);
    return;
  }
  if (!values.folder) throw new Error('--folder is missing: say where the secrets are kept (--help says more)');
  const places = { database: values.database, valkey: values.valkey };
  const { made, written } = makeSecrets(values.folder, places, values.renew ?? []);
  for (const path of made) console.log(`secrets: made ${path}`);
  for (const path of written) console.log(`secrets: wrote ${path}`);
  if (made.length + written.length === 0) console.log('secrets: everything is there');
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`secrets: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
