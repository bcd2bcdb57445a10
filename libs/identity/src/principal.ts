/** Who a call is made for, as a trusted caller has signed it. */
export interface Principal {
  /** User id, `anonymous`, or `service:<name>` for a service that acts by itself. */
  readonly subject: string;
  readonly scopes: readonly string[];
  /** The caller that signed, e.g. `gateway`. */
  readonly issuer: string;
  /** The session that the caller's access token belongs to; undefined for services, anonymous calls and foreign tokens. */
  readonly sessionId?: string | undefined;
}

/** Subject of calls that nobody signed in for. */
export const ANONYMOUS = 'anonymous';

/** The subject of a service that calls by itself, not for a user. */
export function serviceSubject(name: string): string {
  return `service:${name}`;
}

export function hasScope(principal: Principal, scope: string): boolean {
  return principal.scopes.includes(scope);
}
