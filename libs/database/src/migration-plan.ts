import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** One SQL file; `name` is its key in the ledger, e.g. `messaging/0001_outbox`. */
export interface MigrationFile {
  readonly name: string;
  readonly path: string;
}

/** What one app needs: its schema (also the name of its role) and the files in the order in which they run. */
export interface MigrationPlan {
  readonly app: string;
  readonly schema: string;
  readonly files: readonly MigrationFile[];
}

const SchemaFile = z.strictObject({
  schema: z.string().regex(/^[a-z][a-z_]*$/, 'a schema is named in lower case letters and underscores'),
  includes: z.array(z.string()).default([]),
});

/**
 * Reads `<appFolder>/migrations/schema.json` and lists its files: first those of the folders it includes (paths from
 * the repository root, two levels up), then the app's own; in each folder by name.
 */
export async function readPlan(appFolder: string): Promise<MigrationPlan> {
  const folder = resolve(appFolder);
  const root = resolve(folder, '../..');
  const source = join(folder, 'migrations/schema.json');
  const parsed = SchemaFile.safeParse(JSON.parse(await readFile(source, 'utf8')));
  if (!parsed.success) throw new Error(`${source}: ${z.prettifyError(parsed.error)}`);
  const folders = [...parsed.data.includes.map((include) => join(root, include)), join(folder, 'migrations')];
  const files = await Promise.all(folders.map(readFolder));
  return { app: basename(folder), schema: parsed.data.schema, files: files.flat() };
}

/** The plans of all apps below `appsFolder` that have a schema, by name. */
export async function readPlans(appsFolder: string): Promise<MigrationPlan[]> {
  const plans: MigrationPlan[] = [];
  for (const app of (await readdir(appsFolder)).sort()) {
    const files = await readdir(join(appsFolder, app, 'migrations')).catch((): string[] => []);
    if (files.includes('schema.json')) plans.push(await readPlan(join(appsFolder, app)));
  }
  return plans;
}

async function readFolder(folder: string): Promise<MigrationFile[]> {
  const owner = basename(dirname(folder));
  const names = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const wrong = names.find((file) => !/^\d{4}_[a-z0-9_]+\.sql$/.test(file));
  if (wrong) throw new Error(`${join(folder, wrong)}: a migration is named NNNN_what_it_does.sql`);
  return names.map((file) => ({ name: `${owner}/${file.slice(0, -4)}`, path: join(folder, file) }));
}
