import { SignJWT } from 'jose';
import { ALGORITHM, type SigningKeys } from '#libs/identity';

export const ACCESS_TOKEN_SECONDS = 15 * 60;

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
}

/** The tokens that clients send to the gateway (RFC 9068). */
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly options: AccessTokenOptions,
  ) {}

  async issue(claims: { userId: string; sessionId: string; scopes: readonly string[] }): Promise<string> {
    const { kid, privateKey } = await this.keys.current();
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ scope: claims.scopes.join(' '), sid: claims.sessionId })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid })
      .setIssuer(this.options.issuer)
      .setAudience(this.options.audience)
      .setSubject(claims.userId)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
      .sign(privateKey);
  }
}
