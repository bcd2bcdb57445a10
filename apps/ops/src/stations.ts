import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NoAccessError, UsageError } from './usage-error.js';

/** Where the services of one store are, for operators. */
export interface Stations {
  /** `host:port` of the operator listener, by service. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly token: string;
  /** Where traces are shown; undefined where nobody said so. */
  readonly traces: string | undefined;
}

/** What the command line says about where to go; the environment and the running local store fill the rest. */
export interface Place {
  readonly address?: readonly string[] | undefined;
  readonly 'token-file'?: string | undefined;
}

/** The addresses and the token to use. @throws NoAccessError, UsageError, with what to do */
export async function findStations(place: Place): Promise<Stations> {
  const given = place.address ?? (process.env.OPS_ADDRESSES ?? '').split(',').filter(Boolean);
  const local = given.length > 0 && hasToken(place) ? undefined : await localStore();
  const addresses = given.length > 0 ? new Map(given.map(addressOf)) : local?.addresses;
  if (!addresses) {
    throw new NoAccessError(
      'No store is running here: npm start. For another one say where: --address orders=HOST:9203, or OPS_ADDRESSES.',
    );
  }
  return { addresses, token: tokenOf(place, local?.tokenFile), traces: process.env.TRACES_URL ?? local?.traces };
}

/** The folder of the local store, as `npm start` takes it. */
export async function storeFolder(): Promise<string> {
  const { repositoryFolder } = await import('#libs/embedded');
  return resolve(repositoryFolder(), process.env.STORE_DIR || '.run');
}

const hasToken = (place: Place): boolean => Boolean(givenTokenFile(place) ?? process.env.OPS_TOKEN);

function givenTokenFile(place: Place): string | undefined {
  const { OPS_TOKEN, OPS_TOKEN_FILE } = process.env;
  if (OPS_TOKEN && OPS_TOKEN_FILE) throw new UsageError('OPS_TOKEN and OPS_TOKEN_FILE are both set; keep one of them');
  return place['token-file'] ?? (OPS_TOKEN_FILE || undefined);
}

async function localStore() {
  // Loaded here: in a container there is no embedded store, and nothing of it.
  const embedded = await import('#libs/embedded').catch(() => undefined);
  const stack = embedded?.readStack(join(await storeFolder(), 'stack.json'));
  if (!stack) return undefined;
  const addresses = Object.entries(stack.apps).flatMap(([name, { operator }]) =>
    operator ? [[name, operator] as const] : [],
  );
  const traces = stack.zipkin && `${stack.zipkin.url}/zipkin/traces/`;
  return { addresses: new Map(addresses), tokenFile: stack.operator.token, traces };
}

function addressOf(text: string): readonly [string, string] {
  const [, name, address] = /^([a-z][a-z-]*)=([^=\s]+:\d+)$/.exec(text.trim()) ?? [];
  if (!name || !address) throw new UsageError(`"${text}" is not SERVICE=HOST:PORT, e.g. orders=127.0.0.1:9203`);
  return [name, address];
}

function tokenOf(place: Place, localFile: string | undefined): string {
  const file = givenTokenFile(place) ?? (process.env.OPS_TOKEN ? undefined : localFile);
  if (!file) {
    if (process.env.OPS_TOKEN) return process.env.OPS_TOKEN;
    throw new NoAccessError(
      'No token: set OPS_TOKEN, OPS_TOKEN_FILE or --token-file. A new one: npm run ops -- credentials add NAME.',
    );
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new NoAccessError(`The token in ${file} cannot be read; is it yours? Set OPS_TOKEN or --token-file.`, {
      cause,
    });
  }
}
