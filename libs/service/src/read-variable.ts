import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Neither of the two: the variable is not set. */
export interface ReadVariable {
  readonly value?: string;
  /** What is wrong with it, for people; it names variables and paths, never what a file holds. */
  readonly problem?: string;
}

/**
 * The value of the variable X: its own text, or what the file at X_FILE holds without the white space around it, as
 * container platforms hand out secrets. Empty variables count as not set. Both at once, a file that cannot be read and an
 * empty file are problems.
 */
export function readVariable(env: Environment, name: string): ReadVariable {
  const value = env[name];
  const fileVariable = `${name}_FILE`;
  const file = env[fileVariable];
  if (!file) return value ? { value } : {};
  if (value) return { problem: `${name} and ${fileVariable} are both set; keep one of them` };
  return readSecret(file, fileVariable);
}

function readSecret(file: string, variable: string): ReadVariable {
  try {
    const value = readFileSync(file, 'utf8').trim();
    return value === '' ? { problem: `${variable} names a file that is empty: ${file}` } : { value };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? ` (${error.code})` : '';
    return { problem: `${variable} names a file that cannot be read: ${file}${code}` };
  }
}
