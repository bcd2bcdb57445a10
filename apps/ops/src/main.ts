import { parseArgs } from 'node:util';
import { VerbClient } from '#libs/operator';
import { auditCommands } from './audit.js';
import type { Command, Commands, Context, Values } from './command.js';
import { credentialCommands } from './credentials.js';
import { deadLetterCommands } from './dead-letters.js';
import { explain } from './explain.js';
import { commandHelp, generalHelp } from './help.js';
import { keyCommands } from './keys.js';
import { orderCommands } from './orders.js';
import { sagaCommands } from './sagas.js';
import { findStations } from './stations.js';
import { UsageError } from './usage-error.js';
import { userCommands } from './users.js';

const commands: Commands = {
  sagas: sagaCommands,
  'dead-letters': deadLetterCommands,
  orders: orderCommands,
  audit: auditCommands,
  keys: keyCommands,
  users: userCommands,
  credentials: credentialCommands,
};

const GLOBAL = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  address: { type: 'string', multiple: true },
  'token-file': { type: 'string' },
} as const;

async function main([group = '', verb = '', ...rest]: string[]): Promise<number> {
  const wantsHelp = [group, verb, ...rest].some((argument) => argument === '--help' || argument === '-h');
  const command = commands[group]?.[verb];
  if (!command) {
    if (!wantsHelp && group !== '') throw new UsageError(`There is no "${[group, verb].join(' ').trim()}".`);
    console.log(generalHelp(commands));
    return group === '' && !wantsHelp ? 2 : 0;
  }
  if (wantsHelp) {
    console.log(commandHelp(`${group} ${verb}`, command));
    return 0;
  }
  return run(command, rest);
}

async function run(command: Command, rest: string[]): Promise<number> {
  const { values, positionals } = parse(command, rest);
  const opened: VerbClient[] = [];
  const stations = once(() =>
    findStations({ address: lines(values.address), 'token-file': line(values['token-file']) }),
  );
  const clients = once(async () => {
    const { addresses, token } = await stations();
    const only = line(values.service);
    if (only && !addresses.has(only))
      throw new UsageError(`There is no service "${only}": ${[...addresses.keys()].join(', ')}`);
    for (const [name, address] of addresses) {
      if (!only || only === name) opened.push(new VerbClient(name, address, token));
    }
    return opened;
  });
  try {
    let complete = true;
    const warn = (missing: string) => {
      complete = false;
      console.error(missing);
    };
    const context: Context = { values, positionals, clients, stations, warn };
    const { text, json, failed } = await command.run(context);
    console.log(values.json ? JSON.stringify(json, null, 2) : text);
    return failed || !complete ? 1 : 0;
  } finally {
    for (const client of opened) client.close();
  }
}

function parse(command: Command, args: string[]): { values: Values; positionals: string[] } {
  try {
    const parsed = parseArgs({ args, options: { ...GLOBAL, ...command.options }, allowPositionals: true });
    const allowed = command.takes.split(' ').filter(Boolean).length;
    const extra = parsed.positionals[allowed];
    if (extra) throw new UsageError(`"${extra}" is too much`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const line = (value: Values[string]): string | undefined => (typeof value === 'string' ? value : undefined);
const lines = (value: Values[string]): readonly string[] | undefined => (Array.isArray(value) ? value : undefined);

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const { text, exitCode } = explain(error);
  console.error(text);
  return exitCode;
});
