import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, repositoryFolder } from './folders.js';
import { copyJars } from './java.js';
import { type Progress, timed } from './progress.js';

export interface JarSet {
  /** Folder below libs/embedded with pom.xml and jars.sha256. */
  source: 'kafka' | 'zipkin';
  /** Folder name in the cache: name and version. */
  cached: string;
  /** For the progress line: "Apache Kafka 4.4.0 (45 jars, 43 MB)". */
  title: string;
}

/** The committed folder with the pom, the hashes and further files of a jar set. */
export const sourceFolder = (set: JarSet): string => join(repositoryFolder(), 'libs', 'embedded', set.source);

/**
 * Brings a set of jars into the cache folder of this user, once, and returns their paths, sorted.
 * Each download is compared with the committed SHA-256 list before it is used.
 * @throws when a jar is missing, additional or different; MissingToolError without Maven
 */
export async function installJars(set: JarSet, progress: Progress): Promise<string[]> {
  const folder = join(cacheFolder(), set.cached);
  const expected = expectedHashes(join(sourceFolder(set), 'jars.sha256'));
  const complete = () => [...expected.keys()].every((name) => existsSync(join(folder, name)));
  if (!complete()) {
    await timed(progress, `Downloading ${set.title} by Maven, once`, () => download(set, folder, expected));
  }
  return [...expected.keys()].map((name) => join(folder, name)).sort();
}

async function download(set: JarSet, folder: string, expected: Map<string, string>): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.new-`); // of its own, then one rename: two starts at once do not disturb each other
  try {
    await copyJars(join(sourceFolder(set), 'pom.xml'), fresh);
    verifyJars(fresh, expected);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Reads a list as sha256sum writes it: name → hash. */
export function expectedHashes(file: string): Map<string, string> {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

/** @throws naming every jar in the folder that is missing, unexpected or has another hash */
export function verifyJars(folder: string, expected: Map<string, string>): void {
  const sha256 = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  const found = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  const wrong = [
    ...found.filter((name) => expected.get(name) !== sha256(name)),
    ...[...expected.keys()].filter((name) => !found.includes(name)).map((name) => `${name} (missing)`),
  ];
  if (wrong.length > 0)
    throw new Error(`These jars are not the ones of the committed SHA-256 list: ${wrong.join(', ')}`);
}
