import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Kysely, PostgresDialect } from 'kysely';
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration';
import { closeToPublic, ensureRole, grantSchema } from './access.store.js';
import type { Database } from './database.js';
import * as ledger from './ledger.store.js';
import { type MigrationFile, type MigrationPlan, readPlan, readPlans } from './migration-plan.js';
import { openPool } from './pool.js';

export interface PrepareOptions {
  /** URL of a role that may create roles and schemas; the database must exist. */
  adminUrl: string;
  /** The folder `apps`: each app with `migrations/schema.json` gets its schema, role and tables. */
  appsFolder: string;
  /** Password of each role, by the name of the role. */
  passwords: Readonly<Record<string, string>>;
  /** Only these apps (names of folders); default all. */
  only?: readonly string[];
  /** One line for a person, each time something was done. */
  onProgress?: (line: string) => void;
}

/**
 * Brings a database to the state that the apps of this release know: schemas, roles, rights, tables. Safe to repeat,
 * and to run twice at once (the second waits). Each SQL file commits by itself, so a failure leaves the ones before it.
 * Throws when a password is missing (names the role), when a file fails (names it), when the ledger knows a file that
 * does not exist here (an older release than the database).
 */
export async function prepareDatabase(options: PrepareOptions): Promise<void> {
  const progress = options.onProgress ?? (() => {});
  const plans = (await readPlans(options.appsFolder)).filter((plan) => options.only?.includes(plan.app) ?? true);
  const missing = plans.find((plan) => !options.passwords[plan.schema]);
  if (missing) throw new Error(`no password was given for the database role "${missing.schema}"`);
  const admin = openAdmin(options.adminUrl);
  try {
    await admin.connection().execute((connection) =>
      exclusively(connection, progress, async () => {
        await closeToPublic(connection);
        for (const plan of plans)
          await prepareSchema(admin, plan, { password: options.passwords[plan.schema], progress });
      }),
    );
  } finally {
    await admin.destroy();
  }
}

/** Names of the migrations that this release of the app knows and the database lacks; empty when all is well. */
export async function missingMigrations<S>(database: Database<S>, appFolder: string): Promise<string[]> {
  const { schema, files } = await readPlan(appFolder);
  const applied = await ledger.appliedMigrations(database.db, schema);
  return files.map((file) => file.name).filter((name) => !applied.has(name));
}

type Admin = Kysely<unknown>;
type Progress = (line: string) => void;

function openAdmin(url: string): Admin {
  // A lost connection also fails the statement that runs on it: there is nothing more to say about it here. A large
  // migration may take as long as it takes.
  const pool = openPool({ url, applicationName: 'migrate', maxConnections: 2, statementTimeoutMs: 0 }, () => {});
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

async function exclusively(connection: Admin, progress: Progress, work: () => Promise<void>): Promise<void> {
  if (!(await ledger.tryLock(connection))) {
    progress('waiting for another migration of this database');
    await ledger.lock(connection);
  }
  try {
    await work();
  } finally {
    await ledger.unlock(connection);
  }
}

async function prepareSchema(
  admin: Admin,
  { schema, files }: MigrationPlan,
  { password = '', progress }: { password?: string; progress: Progress },
): Promise<void> {
  await againOnConflict(() => ensureRole(admin, schema, password));
  await againOnConflict(() => grantSchema(admin, schema));
  const applied = await migrate(admin, schema, { files, progress });
  await ledger.protectLedger(admin, schema);
  progress(`schema ${schema} is ready (${applied} of ${files.length} migrations were new)`);
}

/** One `migrateUp` per file: each in its own transaction, in our order (the Migrator's own order is by name). */
async function migrate(
  db: Admin,
  schema: string,
  { files, progress }: { files: readonly MigrationFile[]; progress: Progress },
): Promise<number> {
  const applied = await ledger.appliedMigrations(db, schema);
  const unknown = [...applied].find((name) => !files.some((file) => file.name === name));
  if (unknown)
    throw new Error(`schema ${schema} has ${unknown}, which this release does not know: it is older than the database`);
  const known: Record<string, Migration> = Object.fromEntries([...applied].map((name) => [name, ALREADY_APPLIED]));
  const migrator = openMigrator(db, schema, known);
  await throwing(migrator.migrateToLatest(), `the migration ledger of schema ${schema} cannot be made`);
  const pending = files.filter((file) => !applied.has(file.name));
  for (const file of pending) {
    const text = await readFile(file.path, 'utf8');
    known[file.name] = { up: (transaction) => ledger.runSql(transaction, schema, text) };
    await throwing(migrator.migrateUp(), `migration ${file.name} of schema ${schema} failed`);
    progress(`applied ${file.name} to ${schema}`);
  }
  return pending.length;
}

const ALREADY_APPLIED: Migration = { up: async () => {} };

function openMigrator(db: Admin, schema: string, known: Record<string, Migration>): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => known },
    migrationTableSchema: schema,
    migrationTableName: ledger.LEDGER,
    migrationLockTableName: ledger.LEDGER_LOCK,
    allowUnorderedMigrations: true,
  });
}

/** The Migrator reports errors as a result; here they are thrown, with the sentence that names the place. */
async function throwing(result: Promise<MigrationResultSet>, what: string): Promise<void> {
  const { error } = await result;
  if (error) throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/**
 * Roles belong to the whole server: a migration of another database may change the same row at this moment, which
 * PostgreSQL answers with an error instead of waiting.
 */
async function againOnConflict(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20 || !isConflict(error)) throw error;
      await setTimeout(10 * attempt * Math.random());
    }
  }
}

function isConflict(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === '42710' || error.code === '23505' || error.message.includes('concurrently updated');
}
