import { type Kysely, sql } from 'kysely';
import { scramVerifier } from './scram.js';

type Admin = Kysely<unknown>;

/** Takes the defaults away that PostgreSQL gives to everybody in a new database. */
export async function closeToPublic(admin: Admin): Promise<void> {
  const database = sql.id(await currentDatabase(admin));
  await sql`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`.execute(admin);
  await sql`REVOKE ALL ON SCHEMA public FROM PUBLIC`.execute(admin);
}

/** Makes the login role, or sets its password. Refuses an existing role that could do more than read and write rows. */
export async function ensureRole(admin: Admin, role: string, password: string): Promise<void> {
  const { rows } = await sql<{ powerful: boolean }>`
    SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS powerful
    FROM pg_roles WHERE rolname = ${role}`.execute(admin);
  if (rows[0]?.powerful) throw new Error(`the role ${role} exists and has administrative rights: take them away first`);
  const verb = sql.raw(rows[0] ? 'ALTER' : 'CREATE');
  await sql`${verb} ROLE ${sql.id(role)} LOGIN PASSWORD ${sql.lit(scramVerifier(password))}`.execute(admin);
}

/**
 * The role may connect and use rows of its schema, and make nothing. Tables get their grants when they are created
 * (default privileges), once: a migration that revokes a right keeps it revoked.
 */
export async function grantSchema(admin: Admin, name: string): Promise<void> {
  const database = sql.id(await currentDatabase(admin));
  const schema = sql.id(name);
  await sql`CREATE SCHEMA IF NOT EXISTS ${schema}`.execute(admin);
  await sql`REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC`.execute(admin);
  await sql`GRANT CONNECT ON DATABASE ${database} TO ${schema}`.execute(admin);
  await sql`ALTER ROLE ${schema} IN DATABASE ${database} SET search_path TO ${schema}`.execute(admin);
  await sql`GRANT USAGE ON SCHEMA ${schema} TO ${schema}`.execute(admin);
  const defaults = sql`ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT`;
  await sql`${defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${schema}`.execute(admin);
  await sql`${defaults} USAGE, SELECT ON SEQUENCES TO ${schema}`.execute(admin);
}

async function currentDatabase(admin: Admin): Promise<string> {
  const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(admin);
  return rows[0]?.name ?? '';
}
