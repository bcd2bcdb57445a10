import { isDeepStrictEqual } from 'node:util';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { context, trace } from '@opentelemetry/api';
import { assertMaySend, channelOf } from '#libs/contracts';
import { type Database, isTransient } from '#libs/database';
import { DomainError } from '#libs/errors';
import { type Outbox, RetryLater } from '#libs/messaging';
import { extractTraceContext, injectTraceContext, withSpan } from '#libs/telemetry';
import { again, choicesOf, messageOf, type SagaChoice } from './choices.js';
import { begin, canTurnBack, isOver, next, type SagaDecision, type SagaEnd, type SagaMessage } from './next.js';
import { type SagaInstance, SagaStore, type SagaTables } from './saga.store.js';
import { SagaMetrics } from './saga-metrics.js';
import { SagaVersions } from './saga-versions.js';
import { commandsOf, type SagaTable } from './table.js';

export interface SagaOptions<Data extends object> {
  /** The service that keeps this saga; part of the key of its advisory locks. */
  readonly service: string;
  readonly database: Database<SagaTables>;
  readonly outbox: Outbox;
  /** All versions that may still have open instances. New instances begin with the highest one, unless `begins` says another. */
  readonly tables: readonly SagaTable<Data>[];
  /** The version that new instances begin with: for a release that brings a table which a later one is to use. */
  readonly begins?: number;
  /** Reasons of refusals that `finish` knows, and that a person may therefore decide on; default none. */
  readonly refusals?: readonly string[];
  /** Brings the end home, in the transaction that ends the instance. */
  finish(id: string, end: SagaEnd): Promise<void>;
}

/** `done`: it turns back because of this or an earlier cancellation. `too late`: it goes or went another way. */
export type Cancellation = 'done' | 'too late';

const POSTPONED_SECONDS = 30;

/**
 * The shell around `next`: locks the instance, decides, and writes state, history and commands in one transaction.
 * Joins the transaction that runs, so that an inbox row and the move it caused are one.
 */
export class SagaEngine<Data extends object> {
  readonly name: string;
  private readonly store: SagaStore;
  private readonly metrics: SagaMetrics;
  private readonly versions: SagaVersions<Data>;
  private readonly beginsWith: SagaTable<Data>;

  constructor(private readonly options: SagaOptions<Data>) {
    this.versions = new SagaVersions(options.tables);
    this.name = this.versions.name;
    for (const message of options.tables.flatMap(commandsOf)) assertMaySend(options.service, message);
    this.beginsWith = this.versions.toBeginWith(options.begins);
    this.store = new SagaStore(options.database, this.name);
    this.metrics = new SagaMetrics(this.name, this.store);
  }

  /**
   * Begins an instance and sends its first command. Call it in the transaction that makes what the saga is about.
   * After `deadlineSeconds` by the database's clock it turns back, unless it passed its pivot.
   */
  async start(id: string, data: Data, deadlineSeconds: number): Promise<void> {
    const table = this.beginsWith;
    const decision = begin(table);
    const { state, commands } = decision;
    await this.options.database.transaction(async () => {
      const kept = await this.send(table, decision, data);
      const instance = { id, version: table.version, state, data: kept, traceContext: injectTraceContext() };
      await this.store.insert(instance, canTurnBack(table, state) ? deadlineSeconds : undefined);
      await this.store.record(id, 1, { cause: 'start', state, commands });
      this.options.database.afterCommit(() => this.metrics.started());
    });
  }

  /**
   * Moves instance `id` by a reply. Duplicates and late replies change nothing. Rejects with RetryLater when the instance
   * began with a table that another release has: the reply waits until a replica of that one takes it over.
   */
  async reply<D extends DescMessage>(id: string, message: D, value: MessageShape<D>): Promise<void> {
    const { type } = channelOf(message);
    await this.options.database.transaction(async () => {
      const instance = await this.lock(id);
      const table = this.versions.find(instance.version);
      if (!table) throw new RetryLater(this.foreign(instance));
      const refusal = table.steps.flatMap((step) => step.failure ?? []).find((one) => one.type === type);
      await this.decide(instance, { kind: 'reply', type, reason: refusal?.because(value) });
    });
  }

  /** Asks instance `id` to turn back. What follows belongs to the instance's trace, linked to the caller's. */
  async cancel(id: string): Promise<Cancellation> {
    return await this.options.database.transaction(async () => {
      const instance = await this.lock(id);
      const { verdict } = await this.inTraceOf(instance, { kind: 'cancel' });
      return verdict === 'refused' ? 'too late' : 'done';
    });
  }

  /** What a person may decide about an instance in this state, and why its commands cannot be sent again, if so. */
  openTo({ version, state }: Pick<SagaInstance, 'version' | 'state'>): { choices: SagaChoice[]; notRetryable: string } {
    const table = this.versions.find(version);
    if (!table) return { choices: [], notRetryable: `This release does not know v${version}.` };
    const retry = again(table, state);
    return {
      choices: choicesOf(table, state, this.options.refusals ?? []),
      notRetryable: typeof retry === 'string' ? retry : '',
    };
  }

  /** Fields of the data that some step erases: nobody is to read them before. */
  get erased(): ReadonlySet<string> {
    return new Set(this.options.tables.flatMap(({ steps }) => steps.flatMap((step) => step.forgets ?? [])));
  }

  /**
   * Sends the commands again that instance `id` waits for; `alongside` joins the transaction. Rejects with SAGA_NOT_FOUND,
   * and with SAGA_MOVE_NOT_ALLOWED where `openTo` says why.
   */
  async retry(id: string, alongside: () => Promise<void>): Promise<void> {
    await this.options.database.transaction(async () => {
      const instance = await this.lockKnown(id);
      const table = this.tableOf(instance);
      const decision = again(table, instance.state);
      if (typeof decision === 'string') throw new DomainError('SAGA_MOVE_NOT_ALLOWED', { message: decision });
      const cause = 'operator: retry';
      await this.inTrace(instance, cause, () => this.apply(table, instance, { decision, cause }));
      await alongside();
    });
  }

  /**
   * Moves instance `id` as a person decided, by the same `next` as everything else; `alongside` joins the transaction.
   * Rejects with SAGA_NOT_FOUND, with SAGA_MOVED when it does not stand at `moves` any more, and with
   * SAGA_MOVE_NOT_ALLOWED when the choice is not among those of `openTo`.
   */
  async resolve(
    id: string,
    { moves, choice }: { moves: number; choice: SagaChoice },
    alongside: () => Promise<void>,
  ): Promise<void> {
    await this.options.database.transaction(async () => {
      const instance = await this.lockKnown(id);
      if (instance.transitions !== moves) throw new DomainError('SAGA_MOVED');
      const table = this.tableOf(instance);
      const offered = choicesOf(table, instance.state, this.options.refusals ?? []);
      const message = messageOf(table, instance.state, choice);
      if (!message || !offered.some((one) => isDeepStrictEqual(one, choice))) {
        throw new DomainError('SAGA_MOVE_NOT_ALLOWED');
      }
      await this.inTraceOf(instance, message, `operator: ${choice.outcome}`);
      await alongside();
    });
  }

  /**
   * Lets passed deadlines act, each in its own transaction and in the trace that started the instance. Returns how many
   * did. Safe on any number of replicas.
   */
  async sweep(limit = 1000): Promise<number> {
    for (let done = 0; done < limit; done += 1) {
      if (!(await this.expireOne())) return done;
    }
    return limit;
  }

  /**
   * What keeps this release from finishing open instances: tables that were taken out too early. Undefined when nothing
   * does. For a readiness check, which stops the roll-out.
   */
  async problem(): Promise<string | undefined> {
    return this.versions.problem(await this.store.openVersions());
  }

  /** What a newer release has begun, and this one leaves to it; undefined when there is nothing. For a note of readiness. */
  async notice(): Promise<string | undefined> {
    return this.versions.notice(await this.store.openVersions());
  }

  private async expireOne(): Promise<boolean> {
    let id: string | undefined;
    try {
      return await this.options.database.transaction(async () => {
        if (!(await this.store.lockSweep(this.options.service))) return false;
        const due = await this.store.lockDue(this.versions.numbers);
        if (!due) return false;
        id = due.id;
        await this.inTraceOf(due, { kind: 'deadline' });
        return true;
      });
    } catch (error) {
      if (!id || isTransient(error)) throw error; // no instance is at fault
      await this.store.postpone(id, POSTPONED_SECONDS);
      throw new Error(`The deadline of ${this.name} ${id} could not act`, { cause: error });
    }
  }

  private inTraceOf(instance: SagaInstance, message: SagaMessage, cause?: string): Promise<SagaDecision> {
    return this.inTrace(instance, cause ?? message.kind, () => this.decide(instance, message, cause));
  }

  private inTrace<T>(instance: SagaInstance, name: string, work: () => Promise<T>): Promise<T> {
    const caller = trace.getSpanContext(context.active());
    const options = {
      context: extractTraceContext(instance.traceContext),
      attributes: { 'saga.id': instance.id },
      links: caller ? [{ context: caller }] : [],
    };
    return withSpan(`${this.name} ${name}`, options, work);
  }

  private async lock(id: string): Promise<SagaInstance> {
    const instance = await this.store.lock(id);
    // An instance is committed together with its first command: a reply cannot come before it.
    if (!instance) throw new Error(`There is no ${this.name} of ${id}`);
    return instance;
  }

  private async lockKnown(id: string): Promise<SagaInstance> {
    const instance = await this.store.lock(id);
    if (!instance) throw new DomainError('SAGA_NOT_FOUND', { message: `There is no ${this.name} of ${id}.` });
    return instance;
  }

  private async decide(instance: SagaInstance, message: SagaMessage, decidedBy?: string): Promise<SagaDecision> {
    const table = this.tableOf(instance);
    const decision = next(table, instance.state, message);
    const cause = decidedBy ?? (message.kind === 'reply' ? message.type : message.kind);
    if (decision.verdict === 'moved') await this.apply(table, instance, { decision, cause });
    else this.metrics.ignored(cause);
    return decision;
  }

  private async apply(
    table: SagaTable<Data>,
    instance: SagaInstance,
    { decision, cause }: { decision: SagaDecision; cause: string },
  ): Promise<void> {
    const { state, commands } = decision;
    const data = await this.send(table, decision, table.data.parse(instance.data));
    const age = await this.store.write(instance, {
      ...{ state, commands, cause, data },
      over: isOver(state),
      deadlineActs: canTurnBack(table, state),
    });
    if (!isOver(state)) return;
    await this.options.finish(instance.id, state);
    this.options.database.afterCommit(() => this.metrics.ended(state, age));
  }

  /** Writes the commands of a decision to the outbox; gives the data without what is forgotten with it. */
  private async send(table: SagaTable<Data>, decision: SagaDecision, data: Data): Promise<unknown> {
    const known = table.steps.flatMap((step) => [step.command, ...(step.undo ? [step.undo.command] : [])]);
    for (const type of decision.commands) {
      const command = known.find((one) => one.type === type);
      if (!command) throw new Error(`${table.name} v${table.version} has no command ${type}`);
      await this.options.outbox.publish(command.message, command.build(data));
    }
    const kept = Object.entries(data).filter(([field]) => !decision.forget.includes(field));
    return Object.fromEntries(kept);
  }

  private tableOf(instance: SagaInstance): SagaTable<Data> {
    const table = this.versions.find(instance.version);
    // Nothing was done: another replica, of the release that has the table, can do it.
    if (!table) throw new DomainError('UPSTREAM_UNAVAILABLE', { message: this.foreign(instance) });
    return table;
  }

  private foreign({ id, version }: SagaInstance): string {
    return `${this.name} ${id} began with v${version}, which another release has.`;
  }
}
