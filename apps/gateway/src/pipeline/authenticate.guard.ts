import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { DomainError } from '#libs/errors';
import { ANONYMOUS } from '#libs/identity';
import type { EdgeReply } from '../http/edge-reply.js';
import { type EdgeRequest, requestOf } from '../http/edge-request.js';
import type { Caller } from '../http/exchange.js';
import { operationOf } from '../operations/operation-metadata.js';
import { AccessTokens } from './access-tokens.js';

/** As nearly all clients write it. */
const SCHEME = 'Bearer ';
const NOBODY: Caller = { subject: ANONYMOUS, scopes: [], expiresAt: undefined };

/**
 * Finds out who calls. Without a token only public operations can be called; a token that is sent has to be valid even
 * there.
 */
@Injectable()
export class AuthenticateGuard extends AuthGuard('jwt') {
  constructor(private readonly tokens: AccessTokens) {
    super();
  }

  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context);
    const { authorization } = request.headers;
    const isAnonymous = authorization === undefined && operationOf(context).access.kind === 'public';
    request.exchange.caller = isAnonymous ? NOBODY : this.known(authorization);
    return request.exchange.caller !== undefined || this.byToken(request, context);
  }

  /** A token that has passed the strategy, and would again: asking it costs a hundred times as much as looking that up. */
  private known(authorization: string | undefined): Caller | undefined {
    // What is no token was never verified.
    return authorization?.startsWith(SCHEME) ? this.tokens.known(authorization.slice(SCHEME.length)) : undefined;
  }

  private async byToken(request: EdgeRequest, context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    request.exchange.caller = request.user;
    return request.user !== undefined;
  }

  /** What passport found, as @nestjs/passport hands it on. */
  override handleRequest<T>(error: unknown, user: T | false, _info: unknown, context: ExecutionContext): T {
    if (user && !error) return user;
    const failure = error instanceof DomainError ? error : new DomainError('UNAUTHENTICATED', { cause: error });
    if (failure.code === 'UNAUTHENTICATED') {
      const http = context.switchToHttp();
      const sent = http.getRequest<EdgeRequest>().headers.authorization !== undefined;
      http.getResponse<EdgeReply>().header('www-authenticate', sent ? 'Bearer error="invalid_token"' : 'Bearer');
    }
    throw failure;
  }
}
