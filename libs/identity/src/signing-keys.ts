import { Injectable } from '@nestjs/common';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { SigningKeysStore, type StoredKey } from './signing-keys.store.js';

/** The one algorithm of every token here (RFC 8037). */
export const ALGORITHM = 'EdDSA';

const DAY = 86_400;
// A new key is published for an hour before it signs, so that verifiers know it by then; an old one stays published
// until everything that it signed has long expired.
const ROTATE_AFTER = 30 * DAY;
const PUBLISHED_BEFORE_USE = 3_600;
const REMOVE_AFTER = 2 * ROTATE_AFTER;
const REREAD_AFTER_MS = 60_000;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

interface Loaded {
  readonly current: SigningKey;
  readonly jwks: { keys: JWK[] };
  readonly rereadAt: number;
}

/**
 * The Ed25519 keys of this service, shared by its replicas through the table `signing_keys`. The first one is made on
 * first use; a new one follows every 30 days.
 */
@Injectable()
export class SigningKeys {
  private loading: Promise<Loaded> | undefined;
  private loaded: Loaded | undefined;

  constructor(private readonly store: SigningKeysStore) {}

  /** The key to sign with now. */
  async current(): Promise<SigningKey> {
    return (await this.load()).current;
  }

  /** The public keys that verifiers need (RFC 7517). */
  async jwks(): Promise<{ keys: JWK[] }> {
    return (await this.load()).jwks;
  }

  private load(): Promise<Loaded> {
    if (this.loaded && this.loaded.rereadAt > Date.now()) return Promise.resolve(this.loaded);
    this.loading ??= this.read().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async read(): Promise<Loaded> {
    const keys = await this.store.all();
    const [youngest] = keys;
    const fresh = youngest && youngest.age < ROTATE_AFTER ? keys : await this.rotate();
    this.loaded = {
      current: await signingKey(fresh),
      jwks: { keys: fresh.map((key) => key.public_jwk) },
      rereadAt: Date.now() + REREAD_AFTER_MS,
    };
    return this.loaded;
  }

  private rotate(): Promise<StoredKey[]> {
    return this.store.alone(async () => {
      const [youngest] = await this.store.all();
      // Another replica may have been first.
      if (!youngest || youngest.age >= ROTATE_AFTER) await this.store.add(await generate());
      await this.store.removeOlderThan(REMOVE_AFTER);
      return this.store.all();
    });
  }
}

async function signingKey(youngestFirst: StoredKey[]): Promise<SigningKey> {
  const chosen = youngestFirst.find((key) => key.age >= PUBLISHED_BEFORE_USE) ?? youngestFirst.at(-1);
  if (!chosen) throw new Error('signing_keys is empty after a key was added');
  const privateKey = await importJWK(chosen.private_jwk, ALGORITHM);
  if (privateKey instanceof Uint8Array) throw new Error(`signing_keys: ${chosen.kid} is not an Ed25519 key`);
  return { kid: chosen.kid, privateKey };
}

async function generate(): Promise<{ kid: string; publicJwk: JWK; privateJwk: JWK }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    publicJwk: { ...publicJwk, kid, alg: ALGORITHM, use: 'sig' },
    privateJwk: await exportJWK(pair.privateKey),
  };
}
