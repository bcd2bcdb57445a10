import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { ANONYMOUS } from '#libs/identity';
import type { EdgeReply } from '../http/edge-reply.js';
import { requestOf } from '../http/edge-request.js';
import { operationOf } from '../operations/operation-metadata.js';

/** Lets in who may call the operation, by its policy. Runs after AuthenticateGuard; services check the same again. */
@Injectable()
export class ScopesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { caller } = requestOf(context).exchange;
    const { access } = operationOf(context);
    if (!caller) throw new Error('ScopesGuard ran before AuthenticateGuard');
    if (access.kind === 'public') return true;
    if (caller.subject === ANONYMOUS) throw new DomainError('UNAUTHENTICATED');
    if (access.kind === 'authenticated') return true;
    const has = (scope: string) => caller.scopes.includes(scope);
    if (access.all.every(has) && (access.any.length === 0 || access.any.some(has))) return true;
    const scope = [...access.all, ...access.any].join(' ');
    const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
    context.switchToHttp().getResponse<EdgeReply>().header('www-authenticate', challenge);
    throw new DomainError('PERMISSION_DENIED', { message: `The access token lacks a scope: ${scope}.` });
  }
}
