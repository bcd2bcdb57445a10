import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every page that people read, by its path. */
export function documentationPages(): string[] {
  return ['README.md', 'SECURITY.md', 'requests/README.md', ...below('docs'), ...readmes()];
}

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

function readmes(): string[] {
  return ['apps', 'libs', 'test', 'deploy'].flatMap((folder) =>
    readdirSync(folder)
      .map((name) => join(folder, name, 'README.md'))
      .filter((file) => existsSync(file)),
  );
}
