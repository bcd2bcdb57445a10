import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { until } from '#libs/testing';
import type { SpanCollector } from '../trace/span-collector.js';

/** Where words of a person may have come to rest. */
export interface Places {
  readonly postgresUrl: string;
  readonly brokers: string;
  /** Of the store: its logs, and those of its servers. */
  readonly folder: string;
  readonly collector: SpanCollector;
}

/** A place that holds one of the words, e.g. `users.users: …`; words are given back by their names. */
export interface Found {
  readonly place: string;
  readonly word: string;
}

type Words = Readonly<Record<string, string>>;

/** Looks for the words in every table of every schema, every record of every topic, all logs and all spans. */
export async function findInStore(places: Places, words: Words): Promise<Found[]> {
  return [
    ...(await findInTables(places.postgresUrl, words)),
    ...(await findInTopics(places.brokers, words)),
    ...findInLogs(places.folder, words),
    ...findInSpans(places.collector, words),
  ];
}

/** Every column of every row, as PostgreSQL writes it: text as it is, bytes in hexadecimal digits. */
export async function findInTables(url: string, words: Words): Promise<Found[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
    );
    if (tables.length < 20) throw new Error(`only ${tables.length} tables were found`);
    const found: Found[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      for (const { row } of rows) found.push(...findIn(`table ${name}`, row, words));
    }
    return found;
  } finally {
    await client.end();
  }
}

/** Key, headers and content of every record of every topic. */
export async function findInTopics(brokers: string, words: Words): Promise<Found[]> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const [admin, consumer] = [kafka.admin(), kafka.consumer({ groupId: `privacy-${randomUUID()}` })];
  const found: Found[] = [];
  let seen = 0;
  try {
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
    const offsets = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
    const total = offsets.flat().reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    if (total === 0) throw new Error('no records were found');
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message: { key, headers, value } }) => {
        const all = [key, ...Object.values(headers ?? {}).flat(), value];
        for (const part of all) found.push(...findIn(`topic ${topic}`, asText(part), words));
        seen += 1;
      },
    });
    await until(() => seen >= total, { timeout: 60_000, what: `${total} records to be read` });
    return found;
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
}

/** What the apps, the launcher and the servers have written. */
export function findInLogs(folder: string, words: Words): Found[] {
  const files = [
    ...readdirSync(join(folder, 'logs')).map((name) => join(folder, 'logs', name)),
    ...['launcher.log', 'postgres/postgres.log', 'kafka/kafka.log'].map((name) => join(folder, name)),
  ].filter((file) => existsSync(file));
  if (files.length < 7) throw new Error(`only ${files.length} logs were found below ${folder}`);
  return files.flatMap((file) => findIn(`log ${file.slice(folder.length + 1)}`, readFileSync(file, 'utf8'), words));
}

/** Names, attributes and events of every span. */
export function findInSpans({ bodies }: SpanCollector, words: Words): Found[] {
  if (bodies.length === 0) throw new Error('no spans were found');
  return findIn('a span', bodies.join('\n'), words);
}

function findIn(place: string, text: string, words: Words): Found[] {
  const lower = text.toLowerCase();
  const hex = (word: string) => Buffer.from(word).toString('hex');
  return Object.entries(words)
    .filter(([, word]) => lower.includes(word.toLowerCase()) || lower.includes(hex(word)))
    .map(([word]) => ({ place, word }));
}

const asText = (part: Buffer | string | null | undefined): string =>
  Buffer.isBuffer(part) ? part.toString('latin1') : (part ?? '');
