import { type DynamicModule, Module } from '@nestjs/common';
import { MemoryKeysStore } from './memory-keys.store.js';
import { PrincipalGuard } from './principal.guard.js';
import { PrincipalTokens } from './principal-tokens.js';
import { PrincipalVerifier, type VerifierOptions } from './principal-verifier.js';
import { SigningKeys } from './signing-keys.js';
import { SigningKeysStore } from './signing-keys.store.js';

@Module({})
class VerifierModule {}

@Module({})
class SigningKeysModule {}

/** Where signing keys are kept; in memory they end with the process, and each replica has its own. */
export type KeyPlace = 'database' | 'memory';

/** Who calls, and how that is proved. Signing needs the table of `libs/identity/migrations` and a DatabaseModule. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class IdentityModule {
  /** For what receives calls: the PrincipalVerifier and the PrincipalGuard. `runService` adds it to every service. */
  static forService(options: VerifierOptions): DynamicModule {
    const verifier = { provide: PrincipalVerifier, useFactory: () => new PrincipalVerifier(options) };
    return {
      module: VerifierModule,
      providers: [verifier, PrincipalGuard],
      exports: [PrincipalVerifier, PrincipalGuard],
    };
  }

  /** For what calls services under its own name: PrincipalTokens and the SigningKeys behind them. */
  static forCaller({ name, keys = 'database' }: { name: string; keys?: KeyPlace }): DynamicModule {
    const tokens = {
      provide: PrincipalTokens,
      inject: [SigningKeys],
      useFactory: (keys: SigningKeys) => new PrincipalTokens(name, keys),
    };
    return {
      module: IdentityModule,
      global: true,
      imports: [IdentityModule.forIssuer(keys)],
      providers: [tokens],
      exports: [tokens],
    };
  }

  /** For what signs tokens of its own kind: SigningKeys alone. */
  static forIssuer(keys: KeyPlace = 'database'): DynamicModule {
    const inMemory = { provide: SigningKeys, useFactory: () => new SigningKeys(new MemoryKeysStore()) };
    return {
      module: SigningKeysModule,
      global: true,
      providers: keys === 'memory' ? [inMemory] : [SigningKeysStore, SigningKeys],
      exports: [SigningKeys],
    };
  }
}
