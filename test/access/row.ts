import type { JsonObject } from '@bufbuild/protobuf';
import type { World } from './world.js';

/** How an RPC answers, by the name of its gRPC status. */
export type Outcome =
  | 'OK'
  | 'INVALID_ARGUMENT'
  | 'FAILED_PRECONDITION'
  | 'ALREADY_EXISTS'
  | 'ABORTED'
  | 'RESOURCE_EXHAUSTED'
  | 'NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED';

/** What of an RPC the descriptors do not tell: a request, and how it ends for whom it concerns and for somebody else. */
export interface Row {
  /** Whose affair it is: the owner of the world's order, an admin, a customer made for this call, or anybody (public). */
  readonly for: 'owner' | 'admin' | 'newcomer' | 'anybody';
  /** protobuf JSON; the same for all who try. Default: nothing. */
  readonly request?: (world: World) => JsonObject;
  /** For whom it concerns. Default OK. */
  readonly allowed?: Outcome;
  /** For another customer. Default PERMISSION_DENIED for an admin's affairs, else `own things only`. */
  readonly other?: Outcome | 'own things only' | 'not tried';
}

/** An RPC that the gateway does not serve: whom it is for instead. */
export type InternalRow = {
  readonly internal: 'for the gateway' | 'for services that act for a customer' | 'for operators';
};
