import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';

const KEY = 'bench';

/** Tokens of one subject: ours is signed with a key pair, those of the others with a secret, as their documentation has it. */
export interface Tokens {
  readonly ours: string;
  readonly others: string;
  readonly keys: JSONWebKeySet;
  readonly secret: string;
}

export async function makeTokens(): Promise<Tokens> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const secret = randomBytes(32).toString('base64url');
  const claims = () =>
    new SignJWT({ scope: 'shop:read shop:write' })
      .setIssuer('https://id.bench.example')
      .setAudience('bench')
      .setSubject('customer-000017')
      .setIssuedAt()
      .setExpirationTime('12h');
  return {
    ours: await claims().setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: KEY }).sign(privateKey),
    others: await claims().setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secret)),
    keys: { keys: [{ ...(await exportJWK(publicKey)), kid: KEY, alg: 'EdDSA', use: 'sig' }] },
    secret,
  };
}
