import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Writes the store's configuration into a folder, edited; resolves paths that are relative to its own. */
export function storeConfig(folder: string, edit: (yaml: string) => string): string {
  const yaml = readFileSync('apps/gateway/gateway.yaml', 'utf8');
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, edit(yaml.replaceAll('../../', `${resolve('.')}/`)));
  return file;
}
