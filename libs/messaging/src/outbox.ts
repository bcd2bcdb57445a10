import { randomUUID } from 'node:crypto';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import type { Context } from '@opentelemetry/api';
import { assertMaySend, channelOf } from '#libs/contracts';
import type { Database } from '#libs/database';
import { injectTraceContext } from '#libs/telemetry';
import { cloudEventHeaders } from './envelope.js';
import { insertOutboxRow } from './outbox.store.js';
import { shardOf } from './shards.js';
import type { MessagingTables } from './tables.js';
import type { WakeUp } from './wake-up.js';

export interface PublishOptions {
  /** The trace that the message belongs to; default the active one. */
  context?: Context;
  /** Default now. */
  time?: Date;
  /** A uuid; default a new one. A message published twice under one id has one effect. */
  id?: string;
}

/** The only way to send a message: it leaves when, and only when, the running transaction commits. */
export class Outbox {
  constructor(
    private readonly service: string,
    private readonly database: Database<MessagingTables>,
    private readonly wakeUp: WakeUp,
  ) {}

  /**
   * Writes the message beside the state change that it tells of. Messages of one key are sent in the order in which they
   * were written, so lock the aggregate's row first. Throws outside `Database.transaction`, when the key is empty, and when
   * the contracts do not let this service send the message.
   */
  async publish<D extends DescMessage>(
    message: D,
    value: MessageInitShape<D>,
    { context, time = new Date(), id = randomUUID() }: PublishOptions = {},
  ): Promise<void> {
    const { topic, key: keyField, type } = channelOf(message);
    assertMaySend(this.service, message);
    if (!this.database.inTransaction) throw new Error(`${type} was published outside of a transaction`);
    const content = create(message, value);
    const field = message.fields.find((candidate) => candidate.name === keyField);
    const key = field ? String(reflect(message, content).get(field) ?? '') : '';
    if (!key) throw new Error(`${type} was published without its key, ${keyField}`);
    await insertOutboxRow(this.database.db, {
      id,
      aggregatetype: topic,
      aggregateid: key,
      type,
      payload: toBinary(message, content),
      headers: JSON.stringify({
        ...cloudEventHeaders({ id, type, source: this.service, time, subject: key }),
        ...injectTraceContext(context),
      }),
      shard: shardOf(key),
    });
    this.database.afterCommit(() => this.wakeUp.notify());
  }
}
