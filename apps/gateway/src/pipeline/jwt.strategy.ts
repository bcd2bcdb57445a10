import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport';
import type { Caller } from '../http/exchange.js';
import { AccessTokens } from './access-tokens.js';

type Verify = (token: string, done: (error: unknown, caller?: Caller) => void) => unknown;

/** The token of an `Authorization: Bearer …` (RFC 6750); undefined where it has none. */
export function bearerTokenIn(authorization: string | undefined): string | undefined {
  return authorization && /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
}

/** The passport strategy for bearer tokens. */
class BearerStrategy extends Strategy {
  // Put on each strategy by passport before it calls authenticate.
  declare success: (caller: Caller) => void;
  declare fail: (challenge: string, status: number) => void;
  declare error: (error: unknown) => void;

  constructor(private readonly verify: Verify) {
    super();
  }

  override authenticate(request: Pick<IncomingMessage, 'headers'>): void {
    const token = bearerTokenIn(request.headers.authorization);
    if (token === undefined) this.fail('Bearer', 401);
    else this.verify(token, (error: unknown, caller?: Caller) => (caller ? this.success(caller) : this.error(error)));
  }
}

@Injectable()
export class JwtStrategy extends PassportStrategy(BearerStrategy, 'jwt') {
  constructor(private readonly tokens: AccessTokens) {
    super();
  }

  /** Called by passport with the token; what it resolves with becomes `request.user`. */
  validate(token: string): Promise<Caller> {
    return this.tokens.verify(token);
  }
}
