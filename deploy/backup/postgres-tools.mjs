// pg_dump, pg_restore and psql: those of this machine on DATABASE_URL, or those inside the composed PostgreSQL.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** What is kept apart: each could have a database of its own. The provider's book is the provider's. */
const SERVICES = ['gateway', 'users', 'inventory', 'orders', 'payments'];

/** @throws naming who is not known */
export function servicesOf(list) {
  const names = list === undefined ? SERVICES : list.split(',');
  const unknown = names.filter((name) => !SERVICES.includes(name));
  if (unknown.length > 0) throw new Error(`--service ${unknown.join(',')}: there are ${SERVICES.join(', ')}`);
  return names;
}

/** `compose`: arguments of docker compose that name the project, e.g. ['-p', 'mine']; else DATABASE_URL is asked. */
export class PostgresTools {
  #compose;
  #environment;

  constructor(compose) {
    this.#compose = compose;
    this.#environment = compose ? {} : connection(process.env.DATABASE_URL);
  }

  /** One value. */
  async ask(sql) {
    const args = [
      '--no-psqlrc',
      '--tuples-only',
      '--no-align',
      '--quiet',
      '--set',
      'ON_ERROR_STOP=1',
      '--command',
      sql,
    ];
    return (await this.run('psql', args)).trim();
  }

  /** @throws when pg_dump is older than the server: it refuses then */
  async assertNewEnough() {
    const server = Number(await this.ask("SELECT current_setting('server_version_num')::int / 10000"));
    const found = /\(PostgreSQL\) (\d+)/.exec(await this.run('pg_dump', ['--version'], { connect: false }));
    if (Number(found?.[1]) >= server) return;
    throw new Error(
      `pg_dump is version ${found?.[1]} and the server ${server}: put the programs of PostgreSQL ${server} first in PATH, or use --compose`,
    );
  }

  /** Standard output; `from` and `to` are streams in its place. @throws with what the program says */
  async run(program, args, { connect = true, from, to } = {}) {
    const [command, ...rest] = this.#command(program, connect, args);
    const child = spawn(command, rest, {
      env: { ...process.env, ...this.#environment },
      stdio: [from ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close');
    const said = text(child.stderr);
    const done = await Promise.allSettled([
      from ? pipeline(from, child.stdin) : undefined,
      to ? pipeline(child.stdout, to) : text(child.stdout),
      ended,
    ]);
    const [input, output, end] = done;
    if (end.status === 'rejected') throw new Error(`${command} cannot be run: ${end.reason.message}`);
    // What cannot be written here is why the program ended, then; the other way round, what it says is why it reads no more.
    if (output.status === 'rejected') throw output.reason;
    const [code, signal] = end.value;
    if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}: ${(await said).trim()}`);
    if (input.status === 'rejected') throw input.reason;
    return output.value;
  }

  #command(program, connect, args) {
    if (!this.#compose) return [program, ...(connect ? ['--dbname', this.#environment.PGDATABASE] : []), ...args];
    const inside = ['docker', 'compose', ...this.#compose, 'exec', '--no-TTY', 'postgres', program];
    return [...inside, ...(connect ? ['--username', 'postgres', '--dbname', 'store'] : []), ...args];
  }
}

/** Of a URL; each has a variable of libpq. */
const TLS_SETTINGS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'];

/** As variables: an argument would show the password to everybody on the machine. */
function connection(url) {
  if (!url) throw new Error("DATABASE_URL is not set: an administrator's URL, or --compose for the composed store");
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    PGHOST: decodeURIComponent(hostname),
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...Object.fromEntries(
      TLS_SETTINGS.filter((name) => searchParams.has(name)).map((name) => [
        `PG${name.toUpperCase()}`,
        searchParams.get(name),
      ]),
    ),
  };
}
