import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { alone } from './alone.js';

const Credential = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9._-]{0,62}$/, 'is not a name: lower case letters, digits, dots, dashes'),
  role: z.enum(['viewer', 'operator']),
  tokenSha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hexadecimal'),
  createTime: z.iso.datetime(),
  expireTime: z.iso.datetime().optional(),
});
const File = z.strictObject({ credentials: z.array(Credential) });

/** One operator. The file holds a hash: the token itself is shown once and kept nowhere. */
export type Credential = z.infer<typeof Credential>;

/** What is wrong with a credentials file, and where. */
class CredentialsFileError extends Error {
  override readonly name = 'CredentialsFileError';
}

export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The credentials in a file; none where there is no file. @throws CredentialsFileError */
export function readCredentials(file: string): Credential[] {
  if (!existsSync(file)) return [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CredentialsFileError(`${file} cannot be read as JSON`, { cause });
  }
  const parsed = File.safeParse(content);
  if (!parsed.success) throw new CredentialsFileError(`${file}: ${z.prettifyError(parsed.error)}`);
  const names = parsed.data.credentials.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new CredentialsFileError(`${file} has two credentials of the name ${twice}`);
  return parsed.data.credentials;
}

/**
 * Adds an operator and gives the token, 256 random bits, that is kept nowhere. Running services read the file again by
 * themselves. @throws CredentialsFileError when the name is taken or not allowed
 */
export async function addCredential(
  file: string,
  { name, role, expireTime }: Pick<Credential, 'name' | 'role' | 'expireTime'>,
): Promise<string> {
  const token = `ops_${randomBytes(32).toString('base64url')}`;
  const added = { name, role, tokenSha256: hashOfToken(token), createTime: new Date().toISOString(), expireTime };
  const parsed = Credential.safeParse(added);
  if (!parsed.success) throw new CredentialsFileError(z.prettifyError(parsed.error));
  await change(file, (known) => {
    if (!known.some((one) => one.name === name)) return [...known, parsed.data];
    throw new CredentialsFileError(
      `${file} has a credential "${name}" already: revoke it first, or choose another name`,
    );
  });
  return token;
}

/** Takes an operator's right away, at once. @throws CredentialsFileError when there is none of this name */
export async function revokeCredential(file: string, name: string): Promise<void> {
  await change(file, (known) => {
    if (known.some((one) => one.name === name)) return known.filter((one) => one.name !== name);
    throw new CredentialsFileError(`${file} has no credential "${name}"`);
  });
}

/** One change after the other: none is lost, whoever makes them at the same time. */
async function change(file: string, changed: (known: Credential[]) => Credential[]): Promise<void> {
  const held = await alone(file, () => write(file, changed(readCredentials(file))));
  if (held) return;
  throw new CredentialsFileError(
    `${file} is being changed by somebody else: try again. If it is not, remove ${file}.lock, which a change that was killed has left`,
  );
}

/** So that a reader sees the old or the new file, never a part; for its owner only. */
function write(file: string, credentials: Credential[]): void {
  const fresh = join(dirname(file), `.credentials.${process.pid}.new`);
  writeFileSync(fresh, `${JSON.stringify({ credentials }, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}
