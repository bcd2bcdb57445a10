import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { Answer, IdempotentRequest } from './answer.js';

interface IdempotencyKeysTable {
  principal: string;
  method: string;
  key: string;
  fingerprint: Uint8Array;
  claim: string;
  lease_until: Date;
  expires_at: Date;
  status: number | null;
  content_type: string | null;
  location: string | null;
  body: Uint8Array | null;
}

interface Tables {
  idempotency_keys: IdempotencyKeysTable;
}

/** The hold of one request on its key. */
export interface Claim {
  readonly request: IdempotentRequest;
  readonly id: string;
}

export type StoredKey = Pick<Selectable<IdempotencyKeysTable>, 'fingerprint'> & { answer: Answer | undefined };

@Injectable()
export class IdempotencyKeysStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  /** Takes the key: new, expired, or held by the same request beyond its lease. False when another one has it. */
  async claim({ request, id: claim }: Claim): Promise<boolean> {
    const { principal, method, key, fingerprint } = request;
    const unanswered = { status: null, content_type: null, location: null, body: null };
    const taken = await this.database.db
      .insertInto('idempotency_keys')
      .values({
        ...unanswered,
        principal,
        method,
        key,
        fingerprint,
        claim,
        lease_until: after(request.leaseSeconds),
        expires_at: after(request.ttlSeconds),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['principal', 'method', 'key'])
          .doUpdateSet(({ ref }) => ({
            ...unanswered,
            fingerprint: ref('excluded.fingerprint'),
            claim: ref('excluded.claim'),
            lease_until: ref('excluded.lease_until'),
            expires_at: ref('excluded.expires_at'),
          }))
          .where(
            sql<boolean>`idempotency_keys.expires_at <= now() OR (idempotency_keys.status IS NULL
              AND idempotency_keys.lease_until <= now() AND idempotency_keys.fingerprint = ${fingerprint})`,
          ),
      )
      .returning('claim')
      .executeTakeFirst();
    return taken !== undefined;
  }

  async find({ principal, method, key }: IdempotentRequest): Promise<StoredKey | undefined> {
    const row = await this.database.db
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'status', 'content_type', 'location', 'body'])
      .where('principal', '=', principal)
      .where('method', '=', method)
      .where('key', '=', key)
      .executeTakeFirst();
    if (!row) return undefined;
    const { fingerprint, status, content_type: contentType, location, body } = row;
    if (status === null || contentType === null || body === null) return { fingerprint, answer: undefined };
    return { fingerprint, answer: { status, contentType, location: location ?? undefined, body } };
  }

  /** Keeps the answer for replay. False when the lease was lost meanwhile. */
  async complete({ request, id }: Claim, answer: Answer): Promise<boolean> {
    const { status, contentType, location, body } = answer;
    const { numUpdatedRows } = await this.database.db
      .updateTable('idempotency_keys')
      .set({ status, content_type: contentType, location: location ?? null, body })
      .where('principal', '=', request.principal)
      .where('method', '=', request.method)
      .where('key', '=', request.key)
      .where('claim', '=', id)
      .where('status', 'is', null)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** Frees the key, unless the lease was lost meanwhile. */
  async release({ request, id }: Claim): Promise<void> {
    await this.database.db
      .deleteFrom('idempotency_keys')
      .where('principal', '=', request.principal)
      .where('method', '=', request.method)
      .where('key', '=', request.key)
      .where('claim', '=', id)
      .where('status', 'is', null)
      .execute();
  }

  /** Removes up to `limit` keys that have expired; tells how many. */
  async purge(limit: number): Promise<number> {
    const expired = await sql`
      DELETE FROM idempotency_keys WHERE (principal, method, key) IN (
        SELECT principal, method, key FROM idempotency_keys
        WHERE expires_at <= now() LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )`.execute(this.database.db);
    return Number(expired.numAffectedRows ?? 0n);
  }
}

// The database's clock alone: replicas need not agree on the time.
function after(seconds: number) {
  return sql<Date>`now() + make_interval(secs => ${seconds})`;
}
