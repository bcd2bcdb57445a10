import { getOption, hasOption } from '@bufbuild/protobuf';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Policy, policy, type Scopes } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { ANONYMOUS, currentPrincipal, hasScope, type Principal } from '#libs/identity';
import { rpcOf } from './rpc.js';

/**
 * Holds the verified principal against the access rule in the method's `gateway.v1.policy`: the same rule that the
 * gateway applies, so that no other trusted caller can go round it. A method without one is closed.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const principal = currentPrincipal(context);
    const rpc = rpcOf(context);
    const access = rpc && hasOption(rpc, policy) ? getOption(rpc, policy).access : undefined;
    check(access, principal);
    return true;
  }
}

function check(access: Policy['access'] | undefined, principal: Principal): void {
  switch (access?.case) {
    case 'public':
      if (access.value) return;
      break;
    case 'authenticated':
      if (principal.subject === ANONYMOUS) throw new DomainError('UNAUTHENTICATED');
      if (access.value) return;
      break;
    case 'scopes':
      if (principal.subject === ANONYMOUS) throw new DomainError('UNAUTHENTICATED');
      if (admits(access.value, principal)) return;
  }
  throw new DomainError('PERMISSION_DENIED');
}

function admits({ all, any }: Scopes, principal: Principal): boolean {
  const needed = all.split(' ').filter(Boolean);
  const oneOf = any.split(' ').filter(Boolean);
  return (
    needed.length + oneOf.length > 0 &&
    needed.every((scope) => hasScope(principal, scope)) &&
    (oneOf.length === 0 || oneOf.some((scope) => hasScope(principal, scope)))
  );
}
