import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from './error-code.js';

/** Java or Maven is missing or too old; the message says what to install. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}

const install =
  'apt-get install -y openjdk-17-jre-headless maven   (Debian, Ubuntu; elsewhere any Java from 17 and Maven)';

/** The java command of JAVA_HOME or PATH. @throws MissingToolError when it is absent or older than 17 */
export function javaCommand(): string {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const { error, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8', env: process.env });
  if (error)
    throw new MissingToolError(`Java 17 or newer is needed and "${java}" was not found. Install it:\n  ${install}`);
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (version < 17)
    throw new MissingToolError(`Java 17 or newer is needed, ${java} is ${version}. Install it:\n  ${install}`);
  return java;
}

/** Names the Java runtime exactly: class-data archives fit only the one that made them. */
export function javaFingerprint(java: string): string {
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8', env: process.env });
  return (/build ([^)]+)\)/.exec(stderr)?.[1] ?? 'unknown').replace(/[^\w.+-]/g, '_');
}

/** Copies the jars that a pom.xml asks for into a folder. @throws MissingToolError when there is no Maven */
export async function copyJars(pom: string, folder: string): Promise<void> {
  const goal = [
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ];
  try {
    await promisify(execFile)('mvn', goal, { env: process.env });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new MissingToolError(
        `Maven is needed once, to download ${pom}, and "mvn" was not found. Install it:\n  ${install}`,
      );
    }
    const said = typeof error === 'object' && error !== null && 'stdout' in error ? `\n${error.stdout}` : '';
    throw new Error(`Maven could not download what ${pom} asks for.${said}`, { cause: error });
  }
}
