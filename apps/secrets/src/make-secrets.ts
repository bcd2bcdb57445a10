import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldersOf, PASSWORDS, type PasswordName, type Places } from './folders.js';

/** What a run did, by path in the folder; never by value. */
export interface MadeSecrets {
  /** Passwords that did not exist. */
  readonly made: readonly string[];
  /** Files of containers that were missing, or said something else than the passwords. */
  readonly written: readonly string[];
}

/** Where passwords are kept that everything else is made from; no container mounts it. */
const PASSWORD_FOLDER = 'passwords';

/**
 * Makes the passwords that `folder` lacks, keeps those that it has, and brings the files of the containers up to date.
 * Safe to repeat. Those named by `renew` are made anew. A password that is empty, or has signs that a URL or a JAAS file would need to escape, is refused.
 */
export function makeSecrets(folder: string, places: Places, renew: readonly string[] = []): MadeSecrets {
  const unknown = renew.find((name) => !PASSWORDS.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`There is no password "${unknown}"; there are: ${PASSWORDS.join(', ')}`);
  mkdirSync(join(folder, PASSWORD_FOLDER), { recursive: true, mode: 0o700 });
  for (const name of renew) rmSync(join(folder, PASSWORD_FOLDER, name), { force: true });
  const made: string[] = [];
  const passwordOf = (name: PasswordName) => passwordAt(folder, name, made);
  PASSWORDS.forEach(passwordOf); // all of them before the first file
  const written: string[] = [];
  for (const [container, files] of Object.entries(foldersOf(passwordOf, places))) {
    mkdirSync(join(folder, container), { recursive: true });
    chmodSync(join(folder, container), 0o755); // containers run as users of their own
    for (const [name, text] of Object.entries(files)) {
      if (writeIfOther(join(folder, container, name), `${text}\n`, 0o444)) written.push(`${container}/${name}`);
    }
  }
  return { made, written };
}

function passwordAt(folder: string, name: string, made: string[]): string {
  const path = join(PASSWORD_FOLDER, name);
  const existing = textAt(join(folder, path));
  if (existing === undefined) {
    const password = randomBytes(32).toString('base64url');
    writeIfOther(join(folder, path), `${password}\n`, 0o400);
    made.push(path);
    return password;
  }
  const password = existing.trim();
  if (!/^[\w.~-]+$/.test(password)) throw new Error(`${path} is not made of letters, digits and _ . ~ - alone`);
  return password;
}

/** By rename: who reads meanwhile sees the old text or the new one. */
function writeIfOther(path: string, text: string, mode: number): boolean {
  if (textAt(path) === text) return false;
  rmSync(`${path}.new`, { force: true }); // of a run that was interrupted: it may not be writable, and has a mode of its own
  writeFileSync(`${path}.new`, text, { mode, flush: true });
  renameSync(`${path}.new`, path);
  return true;
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
