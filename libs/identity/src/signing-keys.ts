import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { DomainError } from '#libs/errors';
import { type KeyStore, SigningKeysStore, type StoredKey } from './signing-keys.store.js';

/** The one algorithm of every token here (RFC 8037). */
export const ALGORITHM = 'EdDSA';

const DAY = 86_400;
// Every 30 days there is a new key, published for an hour before it signs; an old one stays published until everything
// that it signed has long expired.
const ROTATE_AFTER = 30 * DAY;
const PUBLISHED_BEFORE_USE = 3_600;
const REMOVE_AFTER = 2 * ROTATE_AFTER;
/** How late a replica knows of a change that another has made. */
const REREAD_AFTER_MS = 5_000;
// A rotation on demand does not wait an hour: replicas reread after 5 s, verifiers after 10 s and within 2 s.
const LEAD_SECONDS = 30;
// A key is withdrawn when no replica can be signing with it any more, and what was cached of it is not used.
const HANDOVER_SECONDS = 15;
const RETRY_AFTER_MS = 1_000;
const PATIENCE_MS = 250;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** What an operator sees of a key. */
export interface KeyFacts {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly createTime: Date;
  /** The one that signs now. */
  readonly signs: boolean;
  /** Undefined when it is not to be withdrawn. */
  readonly withdrawTime: Date | undefined;
}

interface Loaded {
  readonly current: SigningKey;
  readonly jwks: { keys: JWK[] };
  rereadAt: number;
}

/**
 * The Ed25519 keys of this service, shared by its replicas through the table `signing_keys`. The first one is made on
 * first use; a new one follows every 30 days, and whenever `rotate` is called.
 */
@Injectable()
export class SigningKeys {
  private readonly logger = new Logger(SigningKeys.name);
  private loading: Promise<Loaded> | undefined;
  private loaded: Loaded | undefined;

  constructor(@Inject(SigningKeysStore) private readonly store: KeyStore) {}

  /** The key to sign with now. */
  async current(): Promise<SigningKey> {
    return (await this.load()).current;
  }

  /** {@link current}, while that needs no look into the store; undefined where it does. */
  get known(): SigningKey | undefined {
    return this.loaded && this.loaded.rereadAt > Date.now() ? this.loaded.current : undefined;
  }

  /** The public keys that verifiers need (RFC 7517). */
  async jwks(): Promise<{ keys: JWK[] }> {
    return (await this.load()).jwks;
  }

  /** All keys that are published, youngest first. */
  async list(): Promise<KeyFacts[]> {
    return factsOf(await this.store.all());
  }

  /** Makes a key that is published at once and signs in 30 s, when every verifier knows it. The others stay published. */
  async rotate(): Promise<KeyFacts[]> {
    await this.store.alone(() => this.add(LEAD_SECONDS));
    return this.changed();
  }

  /**
   * For a key that leaked: all that it has signed is refused everywhere within a minute and some seconds. One that signs
   * now is replaced first, so that its successor is known when it goes; another goes at once. Throws NOT_FOUND.
   */
  async withdraw(kid: string): Promise<KeyFacts[]> {
    await this.store.alone(async () => {
      const keys = await this.store.all();
      if (!keys.some((key) => key.kid === kid)) throw new DomainError('NOT_FOUND');
      const signs = signerOf(keys)?.kid === kid;
      if (signs && !successorOf(keys, kid)) await this.add(LEAD_SECONDS);
      await this.store.withdraw(kid, signs ? LEAD_SECONDS + HANDOVER_SECONDS : 0);
    });
    return this.changed();
  }

  private async changed(): Promise<KeyFacts[]> {
    this.loaded = undefined;
    await this.loading?.catch(() => {}); // told to whoever waits for it; the keys are read anew below
    this.loaded = undefined;
    return this.list();
  }

  private async load(): Promise<Loaded> {
    const known = this.loaded;
    if (known && known.rereadAt > Date.now()) return known;
    this.loading ??= this.read().finally(() => {
      this.loading = undefined;
    });
    return known ? this.patiently(known, this.loading) : this.loading;
  }

  /** While the database is away, or slow, what is known goes on to sign: nobody can have changed it there. */
  private async patiently(known: Loaded, loading: Promise<Loaded>): Promise<Loaded> {
    try {
      return await Promise.race([loading, delay(PATIENCE_MS, known, { ref: false })]);
    } catch (error) {
      this.logger.warn(`signing keys could not be read again: ${error}`);
      known.rereadAt = Date.now() + RETRY_AFTER_MS;
      return known;
    }
  }

  private async read(): Promise<Loaded> {
    const keys = await this.store.all();
    const [youngest] = keys;
    const fresh = youngest && youngest.age < ROTATE_AFTER ? keys : await this.rotateForAge();
    this.loaded = {
      current: await signingKey(fresh),
      jwks: { keys: fresh.map((key) => key.public_jwk) },
      rereadAt: Date.now() + REREAD_AFTER_MS,
    };
    return this.loaded;
  }

  private rotateForAge(): Promise<StoredKey[]> {
    return this.store.alone(async () => {
      const [youngest] = await this.store.all();
      // Another replica may have been first.
      if (!youngest || youngest.age >= ROTATE_AFTER) await this.add(PUBLISHED_BEFORE_USE);
      await this.store.removeOlderThan(REMOVE_AFTER);
      return this.store.all();
    });
  }

  private async add(signsIn: number): Promise<void> {
    await this.store.add({ ...(await generate()), signsIn });
  }
}

/** The youngest whose time has come; before the first one's has, the oldest. */
function signerOf(youngestFirst: readonly StoredKey[]): StoredKey | undefined {
  return youngestFirst.find(({ signsIn }) => signsIn <= 0) ?? youngestFirst.at(-1);
}

/** A key that will sign in the place of this one before it would be withdrawn, without anything being done. */
function successorOf(keys: readonly StoredKey[], kid: string): StoredKey | undefined {
  return keys.find(
    (key) => key.kid !== kid && key.withdrawnIn === null && key.signsIn > 0 && key.signsIn <= LEAD_SECONDS,
  );
}

function factsOf(keys: readonly StoredKey[]): KeyFacts[] {
  const now = Date.now();
  const signer = signerOf(keys)?.kid;
  return keys.map(({ kid, age, withdrawnIn }) => ({
    kid,
    createTime: new Date(now - age * 1000),
    signs: kid === signer,
    withdrawTime: withdrawnIn === null ? undefined : new Date(now + withdrawnIn * 1000),
  }));
}

async function signingKey(keys: readonly StoredKey[]): Promise<SigningKey> {
  const chosen = signerOf(keys);
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
