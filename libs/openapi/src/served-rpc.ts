import type { DescEnum, DescMessage, DescMethod } from '@bufbuild/protobuf';
import type { Policy } from '#libs/contracts';
import type { Route } from '#libs/transcoding';
import type { Look } from './look.js';

/** An RPC as a gateway serves it. */
export interface ServedRpc {
  readonly rpc: DescMethod;
  readonly routes: readonly Route[];
  /** Of its proto, or what the configuration makes of it. */
  readonly policy: Policy;
  /** Where the API does not look as it does by default. */
  readonly look?: Look;
  /** Who may call: the policy's `access`, or the default of the API where there is none. */
  readonly access:
    | { readonly kind: 'public' }
    | { readonly kind: 'authenticated' }
    | { readonly kind: 'scopes'; readonly all: readonly string[]; readonly any: readonly string[] };
}

/** Every message and enum below a message, itself included. */
export function typesBelow(message: DescMessage, found = new Set<DescMessage | DescEnum>()): typeof found {
  if (found.has(message)) return found;
  found.add(message);
  for (const field of message.fields) {
    if (field.enum) found.add(field.enum);
    if (field.message) typesBelow(field.message, found);
  }
  return found;
}
