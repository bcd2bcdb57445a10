export { IdentityModule } from './identity.module.js';
export { CurrentPrincipal, currentPrincipal, PrincipalGuard } from './principal.guard.js';
export { ANONYMOUS, hasScope, type Principal, serviceSubject } from './principal.js';
export { type CallFor, PrincipalTokens } from './principal-tokens.js';
export { PrincipalVerifier, type VerifierOptions } from './principal-verifier.js';
export { RemoteKeys } from './remote-keys.js';
export { ALGORITHM, type KeyFacts, type SigningKey, SigningKeys } from './signing-keys.js';
