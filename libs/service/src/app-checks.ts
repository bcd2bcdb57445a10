import type { INestApplicationContext } from '@nestjs/common';
import { Database, missingMigrations } from '#libs/database';
import { MessagingHealth } from '#libs/messaging';
import { provided } from './provided.js';
import type { Readiness } from './readiness.js';

/**
 * Readiness of what the app's modules bring: the database answers and has every migration that this release knows;
 * consumers have joined their group.
 */
export function addAppChecks(app: INestApplicationContext, readiness: Readiness, name: string): void {
  const database = provided(app, Database);
  if (database) {
    readiness.add('database', async () => {
      const missing = await missingMigrations(database, `apps/${name}`);
      return missing.length > 0 ? `migrations are missing: ${missing.join(', ')}` : undefined;
    });
  }
  const messaging = provided(app, MessagingHealth);
  if (messaging) readiness.add('messaging', async () => messaging.problem());
}
