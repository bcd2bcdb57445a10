import { endOrphans } from '#libs/embedded';
import { AlreadyRunningError, lockHolder } from './launcher-lock.js';
import { readSettings } from './settings.js';
import { StoreFolder } from './store-folder.js';

/** `npm run reset`: deletes the data, logs and passwords of the store. @throws AlreadyRunningError */
export async function reset(): Promise<number> {
  const settings = readSettings();
  const folder = new StoreFolder(settings.folder);
  const holder = lockHolder(folder.lockFile);
  if (holder) throw new AlreadyRunningError(folder.path, holder.pid);
  await endOrphans(folder.path, 'SIGINT');
  folder.clear();
  console.log(`Cleared ${folder.path}: the next npm start begins with fresh demo data.`);
  if (settings.databaseUrl ?? settings.brokers) {
    console.log('Servers that DATABASE_URL or KAFKA_BROKERS name were not touched.');
  }
  return 0;
}
