import { existsSync, writeFileSync } from 'node:fs';
import { addCredential, readCredentials, revokeCredential } from '#libs/operator';
import type { StoreFolder } from './store-folder.js';

/** The operator whom each local store has, so that `npm run ops` works at once for whoever may read its folder. */
const LOCAL = 'local';

/** Makes the operator "local" and its token at the first start. A token that got lost is replaced. */
export async function makeLocalOperator({ operatorCredentials, operatorToken }: StoreFolder): Promise<void> {
  const known = readCredentials(operatorCredentials).some(({ name }) => name === LOCAL);
  if (known && existsSync(operatorToken)) return;
  if (known) await revokeCredential(operatorCredentials, LOCAL);
  const token = await addCredential(operatorCredentials, { name: LOCAL, role: 'operator' });
  writeFileSync(operatorToken, `${token}\n`, { mode: 0o600 });
}
