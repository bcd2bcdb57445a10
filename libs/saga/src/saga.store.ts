import { type ColumnType, type Generated, type JSONColumnType, sql } from 'kysely';
import type { Database } from '#libs/database';
import type { SagaState } from './next.js';

type TraceContext = Record<string, string>;

/** The tables of libs/saga/migrations. */
export interface SagaTables {
  saga_instances: {
    saga: string;
    id: string;
    version: number;
    state: JSONColumnType<SagaState>;
    data: ColumnType<unknown, string, string>;
    trace_context: JSONColumnType<TraceContext>;
    deadline_at: Date | null;
    transitions: number;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
    ended_at: Date | null;
  };
  saga_transitions: {
    saga: string;
    id: string;
    sequence: number;
    cause: string;
    state: JSONColumnType<SagaState>;
    commands: string[];
    at: Generated<Date>;
  };
}

export interface SagaInstance {
  readonly id: string;
  readonly version: number;
  readonly state: SagaState;
  readonly data: unknown;
  readonly transitions: number;
  readonly traceContext: TraceContext;
}

export interface SagaMove {
  readonly state: SagaState;
  readonly data: unknown;
  readonly cause: string;
  readonly commands: readonly string[];
  readonly over: boolean;
  readonly deadlineActs: boolean;
}

/** The rows of one saga. Every method that locks belongs into a transaction. */
export class SagaStore {
  constructor(
    private readonly database: Database<SagaTables>,
    private readonly saga: string,
  ) {}

  async insert(instance: Omit<SagaInstance, 'transitions'>, deadlineSeconds: number | undefined): Promise<void> {
    await this.database.db
      .insertInto('saga_instances')
      .values({
        saga: this.saga,
        id: instance.id,
        version: instance.version,
        state: JSON.stringify(instance.state),
        data: JSON.stringify(instance.data),
        trace_context: JSON.stringify(instance.traceContext),
        deadline_at: deadlineSeconds === undefined ? null : inSeconds(deadlineSeconds),
        transitions: 1,
      })
      .execute();
  }

  /** The instance, locked until the transaction ends. */
  async lock(id: string): Promise<SagaInstance | undefined> {
    const row = await this.instances().where('id', '=', id).forUpdate().executeTakeFirst();
    return row && instanceOf(row);
  }

  /**
   * An instance of these table versions whose deadline passed by the database's clock, locked. Rows that a reply is moving
   * at this moment are skipped: the next sweep sees what became of them.
   */
  async lockDue(versions: readonly number[]): Promise<SagaInstance | undefined> {
    const row = await this.instances()
      .where('version', 'in', versions)
      .where('deadline_at', '<=', sql<Date>`now()`)
      .orderBy('deadline_at')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    return row && instanceOf(row);
  }

  /** Whether this transaction may sweep: one replica at a time. Advisory locks are database-wide, hence the service. */
  async lockSweep(service: string): Promise<boolean> {
    const result = await sql<{ mine: boolean }>`
      SELECT pg_try_advisory_xact_lock(hashtext(${service}), hashtext(${`saga deadlines of ${this.saga}`})) AS mine
    `.execute(this.database.db);
    return result.rows[0]?.mine === true;
  }

  /** Lets the deadline of an instance that could not be moved act later, so that it does not hold up the others. */
  async postpone(id: string, seconds: number): Promise<void> {
    await this.database.db
      .updateTable('saga_instances')
      .set({ deadline_at: inSeconds(seconds) })
      .where('saga', '=', this.saga)
      .where('id', '=', id)
      .where('deadline_at', 'is not', null)
      .execute();
  }

  /** Writes a move; resolves to the seconds since the instance began, by the database's clock. */
  async write(instance: SagaInstance, move: SagaMove): Promise<number> {
    const state = JSON.stringify(move.state);
    const { age } = await this.database.db
      .updateTable('saga_instances')
      .set({
        state,
        data: JSON.stringify(move.data),
        transitions: instance.transitions + 1,
        updated_at: sql`now()`,
        ended_at: move.over ? sql`now()` : null,
        ...(move.deadlineActs ? {} : { deadline_at: null }),
      })
      .where('saga', '=', this.saga)
      .where('id', '=', instance.id)
      .returning(sql<number>`extract(epoch FROM now() - created_at)::float8`.as('age'))
      .executeTakeFirstOrThrow();
    await this.record(instance.id, instance.transitions + 1, move);
    return age;
  }

  async record(id: string, sequence: number, move: Pick<SagaMove, 'cause' | 'state' | 'commands'>): Promise<void> {
    await this.database.db
      .insertInto('saga_transitions')
      .values({
        saga: this.saga,
        id,
        sequence,
        cause: move.cause,
        state: JSON.stringify(move.state),
        commands: [...move.commands],
      })
      .execute();
  }

  /** How many instances did not end yet, and how old the oldest of them is, in seconds. */
  async open(): Promise<{ count: number; oldestSeconds: number }> {
    const row = await this.database.db
      .selectFrom('saga_instances')
      .select([
        sql<number>`count(*)::int`.as('count'),
        sql<number>`coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8`.as('oldestSeconds'),
      ])
      .where('saga', '=', this.saga)
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow();
    return row;
  }

  /** Table versions that open instances began with. */
  async openVersions(): Promise<number[]> {
    const rows = await this.database.db
      .selectFrom('saga_instances')
      .select('version')
      .distinct()
      .where('saga', '=', this.saga)
      .where('ended_at', 'is', null)
      .execute();
    return rows.map((row) => row.version);
  }

  private instances() {
    return this.database.db
      .selectFrom('saga_instances')
      .select(['id', 'version', 'state', 'data', 'transitions', 'trace_context'])
      .where('saga', '=', this.saga);
  }
}

const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

type Row = Omit<SagaInstance, 'traceContext'> & { trace_context: TraceContext };

const instanceOf = ({ trace_context, ...row }: Row): SagaInstance => ({ ...row, traceContext: trace_context });
