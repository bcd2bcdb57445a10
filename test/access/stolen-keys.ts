import { importJWK, SignJWT } from 'jose';
import pg from 'pg';

export interface Claims {
  readonly issuer: string;
  readonly audience: string;
  readonly type: 'at+jwt' | 'principal+jwt';
  readonly subject: string;
  readonly scopes: readonly string[];
  /** The session that the token belongs to. */
  readonly sessionId?: string;
  /** Seconds from now; below 0 for a token that has expired. */
  readonly lifetime?: number;
}

/**
 * The signing keys of the running apps, read from their database: what lets a test make tokens that are right in all but
 * the one thing that they shall be refused for.
 */
export class StolenKeys {
  private constructor(private readonly rows: readonly { kid: string; private_jwk: object }[]) {}

  /** Those of the app whose schema it is. */
  static async of(schema: 'gateway' | 'users', databaseUrl: string): Promise<StolenKeys> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query(`SELECT kid, private_jwk FROM ${schema}.signing_keys ORDER BY create_time`);
      return new StolenKeys(rows);
    } finally {
      await client.end();
    }
  }

  async sign({ issuer, audience, type, subject, scopes, sessionId, lifetime = 60 }: Claims): Promise<string> {
    const [key] = this.rows;
    if (!key) throw new Error('there is no signing key yet');
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ scope: scopes.join(' '), ...(sessionId && { sid: sessionId }) })
      .setProtectedHeader({ alg: 'EdDSA', typ: type, kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt(Math.min(now, now + lifetime - 60))
      .setExpirationTime(now + lifetime)
      .sign(await importJWK(key.private_jwk, 'EdDSA'));
  }
}
