import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { type TestDatabase, testDatabase } from '#libs/testing';

/** A database with nothing but the audit log, as an app "desk" would have it. */
export async function deskDatabase(): Promise<TestDatabase> {
  const root = mkdtempSync(join(tmpdir(), 'ineedthatfast-desk-'));
  const migrations = join(root, 'apps', 'desk', 'migrations');
  mkdirSync(migrations, { recursive: true });
  symlinkSync(join(repositoryFolder(), 'libs'), join(root, 'libs'));
  const schema = { schema: 'desk', includes: ['libs/operator/migrations'] };
  writeFileSync(join(migrations, 'schema.json'), JSON.stringify(schema));
  try {
    return await testDatabase('desk', { appsFolder: join(root, 'apps') });
  } finally {
    rmSync(root, { recursive: true });
  }
}
