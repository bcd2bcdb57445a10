import { createHash, randomBytes } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import type { SessionSchema } from '#libs/contracts';
import { type Role, scopesOf } from '../accounts/user.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './access-tokens.js';

export interface RefreshToken {
  readonly token: string;
  /** SHA-256: the token itself is nowhere stored. Fast, since 256 random bits cannot be guessed. */
  readonly hash: Buffer;
}

export function newRefreshToken(): RefreshToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashOf(token) };
}

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export interface Grant {
  readonly sessionId: string;
  readonly user: { readonly id: string; readonly roles: readonly Role[] };
  readonly refreshToken: string;
}

/** What a client gets for a session: an access token with the scopes that its roles have now, and the next refresh token. */
@Injectable()
export class SessionTokens {
  constructor(private readonly access: AccessTokens) {}

  async grant({ sessionId, user, refreshToken }: Grant): Promise<MessageInitShape<typeof SessionSchema>> {
    const accessToken = await this.access.issue({ userId: user.id, sessionId, scopes: scopesOf(user.roles) });
    return { accessToken, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS, tokenType: 'Bearer' };
  }
}
