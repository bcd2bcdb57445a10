import { join } from 'node:path';
import { addCredential, readCredentials, revokeCredential } from '#libs/operator';
import { positional, text } from './ask.js';
import type { Command, Values } from './command.js';
import { storeFolder } from './stations.js';
import { table } from './table.js';
import { UsageError } from './usage-error.js';

const FILE = { file: { type: 'string' } } as const;
const FILE_HELP = "--file PATH         default: OPERATOR_CREDENTIALS, else that of the local store's folder";

const add: Command = {
  takes: 'NAME',
  does: 'makes an operator and prints the token, once; services take it up by themselves',
  options: { ...FILE, role: { type: 'string' }, 'expires-in': { type: 'string' } },
  explains: [
    '--role ROLE         viewer reads (default), operator acts',
    '--expires-in DAYS   default: never',
    FILE_HELP,
  ],
  async run(context) {
    const name = positional(context, 0, 'NAME');
    const role = text(context.values, 'role') || 'viewer';
    if (role !== 'viewer' && role !== 'operator') throw new UsageError('--role is viewer or operator');
    const file = await fileOf(context.values);
    const expireTime = expiry(text(context.values, 'expires-in'));
    const token = await addCredential(file, { name, role, expireTime });
    return {
      text: `${token}\n\nThis is the token of ${name} (${role}). It is shown once; only its hash is in ${file}.`,
      json: { name, role, token, expireTime },
    };
  },
};

const list: Command = {
  takes: '',
  does: 'names and roles',
  options: FILE,
  explains: [FILE_HELP],
  async run({ values }) {
    const known = readCredentials(await fileOf(values)).map(({ tokenSha256: _, ...shown }) => shown);
    const rows = known.map(({ name, role, createTime, expireTime }) => [name, role, createTime, expireTime ?? 'never']);
    return { text: rows.length > 0 ? table(['name', 'role', 'made', 'expires'], rows) : 'No operators.', json: known };
  },
};

const revoke: Command = {
  takes: 'NAME',
  does: "takes an operator's right away; services refuse the token at once",
  options: FILE,
  explains: [FILE_HELP],
  async run(context) {
    const name = positional(context, 0, 'NAME');
    await revokeCredential(await fileOf(context.values), name);
    return { text: `${name} is no operator any more.`, json: { revoked: name } };
  },
};

export const credentialCommands = { add, list, revoke };

const fileOf = async (values: Values): Promise<string> =>
  text(values, 'file') || process.env.OPERATOR_CREDENTIALS || join(await storeFolder(), 'operators.json');

function expiry(days: string): string | undefined {
  if (days === '') return undefined;
  if (!/^\d{1,4}$/.test(days) || days === '0') throw new UsageError('--expires-in is a number of days, e.g. 30');
  return new Date(Date.now() + Number(days) * 86_400_000).toISOString();
}
