import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';

const KEY = 'bench';
const SCOPES = 'shop:read shop:write';

/** Tokens of one subject: ours is signed with a key pair, those of the others with a secret, as their documentation has it. */
export interface Tokens {
  readonly ours: string;
  /** As ours, and good for nothing. */
  readonly withoutScope: string;
  readonly others: string;
  readonly keys: JSONWebKeySet;
  readonly secret: string;
}

export async function makeTokens(): Promise<Tokens> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const secret = randomBytes(32).toString('base64url');
  const claims = (scope: string) =>
    new SignJWT({ scope })
      .setIssuer('https://id.bench.example')
      .setAudience('bench')
      .setSubject('customer-000017')
      .setIssuedAt()
      .setExpirationTime('12h');
  const ours = (scope: string) =>
    claims(scope).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: KEY }).sign(privateKey);
  return {
    ours: await ours(SCOPES),
    withoutScope: await ours(''),
    others: await claims(SCOPES).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secret)),
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid: KEY, alg: 'EdDSA', use: 'sig' }] },
    secret,
  };
}
