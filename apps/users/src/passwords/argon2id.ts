import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);

/** What one hash costs (RFC 9106). */
export interface Argon2Cost {
  /** Memory in KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const SALT_BYTES = 16;
const TAG_BYTES = 32;
const FORM = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

/** The hash with a new salt, in the PHC string format, which also names the cost. */
export async function hashArgon2id(password: string, { memory, passes, parallelism }: Argon2Cost): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', { message: password, nonce, memory, passes, parallelism, tagLength: TAG_BYTES });
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(nonce)}$${encode(tag)}`;
}

/** Whether `hash`, a PHC string of any cost, is of this password; compared in constant time. @throws when it is no such string */
export async function verifyArgon2id(hash: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, tag] = FORM.exec(hash) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('a stored password hash is no argon2id string');
  const expected = Buffer.from(tag, 'base64');
  const found = await derive('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  });
  return timingSafeEqual(found, expected);
}

// PHC leaves the padding of base64 out.
const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
