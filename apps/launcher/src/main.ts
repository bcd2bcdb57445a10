import { parseArgs } from 'node:util';

const general = `The store on this machine, without Docker.

  npm start            starts everything and keeps it alive until Ctrl-C
  npm run demo         places three orders against a running store and shows a trace
  npm run reset        clears its data
  npm run store        looks at or stops single parts

Each has --help.`;

const start = `npm start: builds, starts PostgreSQL, Kafka and a trace viewer, migrates, seeds and starts the apps, and keeps them alive.

  STORE_DIR           folder for data, logs, URLs (default .run)
  STORE_PORT_OFFSET   added to every port (default 0), or "any" for free ones
  DATABASE_URL        an administrator's URL: use this PostgreSQL instead of an own one
  KAFKA_BROKERS       use these brokers instead of an own one
  STORE_KAFKA_IDENTITIES  true: the own broker asks each app for its password and keeps to ACLs, as in containers
  REDIS_URL           throttle over several gateways by this Valkey or Redis
  OTEL_*              send spans elsewhere, e.g. OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318

  -- --until-input-ends   stops also when standard input ends, for programs that start a store
  -- --clear-at-end       deletes data and logs at the end, as npm run reset does`;

const reset = `npm run reset: deletes the data, logs and passwords of a stopped store (STORE_DIR, default .run).`;

const demo = `npm run demo: a new customer signs up and places three orders: CONFIRMED, OUT_OF_STOCK, PAYMENT_DECLINED.
Then the trace of the first one as a tree. Exits with 1 when an outcome differs.

  -- --url URL        the gateway (default: the running store of STORE_DIR, else http://127.0.0.1:8080)
  -- --traces URL     Zipkin or Jaeger (default: the store's; else TRACES_URL, or whichever answers on 9411 or 16686)`;

const store = `npm run store -- VERB [PART]: works on one part of the running store of STORE_DIR.

  status              every part with its state and process id
  stop PART           stops it and leaves it down: gateway orders payments inventory users payment-simulator postgres kafka zipkin
  start PART          starts it again, also after it was given up
  restart PART`;

const help: Record<string, string> = { start, reset, demo, store };

// Loaded when asked for: --help and demo need none of what start needs.
const commands: Record<string, (rest: string[]) => Promise<number>> = {
  start: async (rest) =>
    (await import('./start.js')).start({
      untilInputEnds: rest.includes('--until-input-ends'),
      clearAtEnd: rest.includes('--clear-at-end'),
    }),
  reset: async () => (await import('./reset.js')).reset(),
  demo: async (rest) => (await import('./demo/demo.js')).demo(rest),
  store: async (rest) => (await import('./store-command.js')).storeCommand(rest),
};

async function main([name = '', ...rest]: string[]): Promise<number> {
  const { values } = parseArgs({ args: rest, options: { help: { type: 'boolean', short: 'h' } }, strict: false });
  const command = commands[name];
  if (!command || values.help) {
    console.log(help[name] ?? general);
    return command || name === '' || name === '--help' ? 0 : 2;
  }
  return command(rest);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
process.exit();
