import type { KeyStore, NewKey, StoredKey } from './signing-keys.store.js';

interface Kept extends Omit<StoredKey, 'age' | 'signsIn' | 'withdrawnIn'> {
  readonly createdAt: number;
  readonly signsAt: number;
  withdrawnAt: number;
}

const clock = () => performance.now() / 1000;

/** Keys of one process, for what signs without a database: they end with it, and replicas do not share them. */
export class MemoryKeysStore implements KeyStore {
  private keys: readonly Kept[] = [];

  async all(): Promise<StoredKey[]> {
    const now = clock();
    return this.keys
      .filter(({ withdrawnAt }) => withdrawnAt > now)
      .map(({ createdAt, signsAt, withdrawnAt, ...key }) => ({
        ...key,
        age: now - createdAt,
        signsIn: signsAt - now,
        withdrawnIn: Number.isFinite(withdrawnAt) ? withdrawnAt - now : null,
      }))
      .sort((one, other) => one.age - other.age);
  }

  async add({ kid, publicJwk, privateJwk, signsIn }: NewKey): Promise<void> {
    const now = clock();
    const times = { createdAt: now, signsAt: now + signsIn, withdrawnAt: Number.POSITIVE_INFINITY };
    this.keys = [...this.keys, { kid, public_jwk: publicJwk, private_jwk: privateJwk, ...times }];
  }

  async withdraw(kid: string, seconds: number): Promise<void> {
    for (const key of this.keys) {
      if (key.kid === kid) key.withdrawnAt = Math.min(key.withdrawnAt, clock() + seconds);
    }
  }

  async removeOlderThan(seconds: number): Promise<void> {
    const now = clock();
    this.keys = this.keys.filter(({ createdAt, withdrawnAt }) => createdAt >= now - seconds && withdrawnAt > now);
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}
