import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';

interface Tables {
  ended_sessions: { session_id: string; end_time: Generated<Date> };
}

export interface EndedSession {
  readonly sessionId: string;
  readonly endTime: Date;
}

export interface EndedSessionsRead {
  readonly sessions: readonly EndedSession[];
  /** By the database's clock: what was committed before is in `sessions`. */
  readonly asOf: Date;
}

/** Filled by a trigger on `sessions`: see migration 0002. */
@Injectable()
export class EndedSessionsStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  /** The sessions that ended within the last `seconds`. */
  async endedWithin(seconds: number): Promise<EndedSessionsRead> {
    // The clock is read first: between the two reads more may be committed than it vouches for, never less.
    const { rows } = await sql<{ asOf: Date }>`select clock_timestamp() as "asOf"`.execute(this.database.db);
    const [clock] = rows;
    if (!clock) throw new Error('clock_timestamp() gave no row');
    const sessions = await this.database.db
      .selectFrom('ended_sessions')
      .select(['session_id as sessionId', 'end_time as endTime'])
      .where('end_time', '>', sql<Date>`now() - make_interval(secs => ${seconds})`)
      .execute();
    return { sessions, asOf: clock.asOf };
  }

  /** Deletes up to `limit` sessions that ended longer than `seconds` ago; how many. */
  async removeOlderThan(seconds: number, limit: number): Promise<number> {
    const { db } = this.database;
    const old = db
      .selectFrom('ended_sessions')
      .select('session_id')
      .where('end_time', '<', sql<Date>`now() - make_interval(secs => ${seconds})`)
      .limit(limit);
    return Number(
      (await db.deleteFrom('ended_sessions').where('session_id', 'in', old).executeTakeFirst()).numDeletedRows,
    );
  }
}
