import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { requestOf } from '../http/edge-request.js';
import { operationOf } from '../operations/operation-metadata.js';

/**
 * Holds what moves money or administers back while it is not known whether the session has ended: `fresh_session` of the
 * policy. Runs after AuthenticateGuard, which has refused the sessions that are known to have ended.
 */
@Injectable()
export class FreshSessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { caller } = requestOf(context).exchange;
    if (!caller) throw new Error('FreshSessionGuard ran before AuthenticateGuard');
    if (operationOf(context).policy.freshSession) caller.session?.checkFresh();
    return true;
  }
}
