import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder of the repository: the nearest one above this file whose package.json is this project's. */
export function repositoryFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'ineedthatfast') return folder;
    if (folder === dirname(folder)) throw new Error(`${import.meta.dirname} is not inside the repository`);
  }
}

/** Where downloads are kept between runs and clones: per user, safe to delete. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ineedthatfast');
}
