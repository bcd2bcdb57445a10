// psql, pg_dump and pg_restore as far as deploy/backup uses them, on a real server: where those of PostgreSQL are missing, and
// because these fail when they are told to (FAILS=pg_dump). The real ones are run by the restore drill and by the composed store.
import { text } from 'node:stream/consumers';
import pg from 'pg';

const [program, ...args] = process.argv.slice(2);
const optionOf = (option) => args[args.indexOf(option) + 1];
const PROGRAMS = {
  psql: async () => Object.values((await query(optionOf('--command'))).rows?.[0] ?? {})[0] ?? '',
  pg_dump: async () => {
    if (args.includes('--version')) return 'pg_dump (PostgreSQL) 99.0';
    const schema = optionOf('--schema');
    const whole = `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.words AS SELECT 'of the backup' AS word`;
    if (process.env.FAILS !== program) return whole;
    process.stdout.write(whole.slice(0, 20));
    throw new Error('the server is gone');
  },
  pg_restore: async () => {
    if (process.env.FAILS === program) throw new Error('the server is gone');
    await query(`BEGIN; ${await text(process.stdin)}; COMMIT`);
    return '';
  },
};

try {
  process.stdout.write(`${await PROGRAMS[program]()}`);
} catch (error) {
  process.stderr.write(`${program}: error: ${error.message}\n`);
  process.exitCode = 1;
}

async function query(sql) {
  const client = new pg.Client(); // PGHOST, PGPASSWORD…: as the real ones
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
