import { askOperator } from './operator.js';
import { readSettings } from './settings.js';
import { StoreFolder } from './store-folder.js';

/** `npm run store -- stop kafka`: passes one verb on to the launcher of the running store. */
export async function storeCommand([verb = 'status', name = '']: string[]): Promise<number> {
  const folder = new StoreFolder(readSettings().folder);
  console.log(await askOperator(folder.operatorFile, verb, name));
  return 0;
}
