import { createHash, randomBytes } from 'node:crypto';
import { Secret } from 'otpauth';

const CODES = 10;
const CODE_BYTES = 10;

/** Ten codes of 80 bits, in base32 and groups of four: `ABCD-EFGH-IJKL-MNOP`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () => {
    const { base32 } = new Secret({ buffer: new Uint8Array(randomBytes(CODE_BYTES)).buffer });
    return base32.match(/.{4}/g)?.join('-') ?? base32;
  });
}

/** What is stored of a code; however it was written down. */
export function recoveryCodeHash(code: string): Buffer {
  return createHash('sha256').update(code.replace(/[\s-]/g, '').toUpperCase()).digest();
}
