import { Metadata } from '@grpc/grpc-js';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import type { Principal } from './principal.js';
import { PrincipalVerifier } from './principal-verifier.js';

// Keyed by the call's own metadata object: nothing that a client sends can put an entry here.
const principals = new WeakMap<Metadata, Principal>();

/**
 * Admits gRPC calls that carry exactly one valid principal token in `authorization`, and nothing else: whatever other
 * metadata says about a user is never read.
 */
@Injectable()
export class PrincipalGuard implements CanActivate {
  constructor(private readonly verifier: PrincipalVerifier) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const metadata = metadataOf(context);
    const values = metadata.get('authorization');
    const [value] = values;
    const token = values.length === 1 && typeof value === 'string' ? /^Bearer ([\w.-]+)$/i.exec(value)?.[1] : undefined;
    if (!token) throw new DomainError('UNAUTHENTICATED');
    principals.set(metadata, await this.verifier.verify(token));
    return true;
  }
}

/** The principal that the guard has verified for this call. Throws UNAUTHENTICATED where the guard did not run. */
export function currentPrincipal(context: ExecutionContext): Principal {
  const principal = principals.get(metadataOf(context));
  if (!principal) throw new DomainError('UNAUTHENTICATED');
  return principal;
}

/** Parameter of a gRPC handler: its verified {@link Principal}. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext) =>
  currentPrincipal(context),
);

function metadataOf(context: ExecutionContext): Metadata {
  const metadata: unknown = context.getType() === 'rpc' ? context.switchToRpc().getContext() : undefined;
  if (!(metadata instanceof Metadata)) throw new DomainError('UNAUTHENTICATED');
  return metadata;
}
