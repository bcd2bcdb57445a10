import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 4226, 4: at least 128 bits, 160 recommended. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** RFC 6238, 5.2: one step back and one ahead, for clocks and slow fingers. */
const WINDOW = 1;

export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** How an authenticator learns the secret: to be typed in, and as an otpauth:// URI for a QR code. */
export function enrolment(secret: Buffer, label: string): { secret: string; uri: string } {
  const totp = totpOf(secret, label);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The time step whose code this is, near `now` (epoch milliseconds); undefined when it is none's. */
export function stepOfCode(secret: Buffer, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
}

/** What authenticators agree on: SHA-1, 6 digits, 30 s. */
function totpOf(secret: Buffer, label = ''): TOTP {
  const settings = { algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS } as const;
  return new TOTP({ issuer: 'INeedThatFast', label, secret: new Secret({ buffer: bytesOf(secret) }), ...settings });
}

// Of its own: a Buffer may be a part of a larger one.
const bytesOf = (secret: Buffer): ArrayBuffer => new Uint8Array(secret).buffer;
