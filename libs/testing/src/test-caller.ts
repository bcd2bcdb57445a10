import { createServer } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TestClaims {
  readonly audience: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly sessionId?: string | undefined;
  /** For tokens that must be refused. */
  readonly issuer?: string;
  readonly type?: string;
  /** Epoch seconds; default now. */
  readonly issuedAt?: number;
  /** Default 60. */
  readonly lifetimeSeconds?: number;
  /** More of the protected header, e.g. `jku`. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** Stands for the gateway: signs whom it calls for with a key of its own, and publishes that key. */
export interface TestCaller {
  /** Value of TRUSTED_CALLERS. */
  readonly trustedCallers: string;
  /** How often its keys were fetched. */
  readonly fetches: () => number;
  token(claims: TestClaims): Promise<string>;
  /** Publishes another key in the place of the one that signs. */
  withdrawKey(): void;
  close(): Promise<void>;
}

export async function testCaller(name = 'gateway'): Promise<TestCaller> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const set = { keys: [{ ...jwk, kid, alg: 'EdDSA', use: 'sig' }] };
  const keys = await publish(set);
  const withdrawKey = () => {
    set.keys = set.keys.map((key) => ({ ...key, kid: 'another' }));
  };
  const token = (claims: TestClaims) => {
    const now = claims.issuedAt ?? Math.floor(Date.now() / 1000);
    const { sessionId: sid } = claims;
    return new SignJWT({ scope: claims.scopes.join(' '), ...(sid !== undefined && { sid }) })
      .setProtectedHeader({ alg: 'EdDSA', typ: claims.type ?? 'principal+jwt', kid, ...claims.header })
      .setIssuer(claims.issuer ?? name)
      .setAudience(claims.audience)
      .setSubject(claims.subject)
      .setIssuedAt(now)
      .setExpirationTime(now + (claims.lifetimeSeconds ?? 60))
      .sign(privateKey);
  };
  return { trustedCallers: `${name}=${keys.url}`, fetches: keys.fetches, token, withdrawKey, close: keys.close };
}

async function publish(body: object): Promise<{ url: string; fetches: () => number; close: () => Promise<void> }> {
  let fetches = 0;
  const server = createServer((_, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the key server has no port');
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return { url: `http://127.0.0.1:${address.port}/.well-known/jwks.json`, fetches: () => fetches, close };
}
