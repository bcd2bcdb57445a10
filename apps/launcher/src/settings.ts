import { resolve } from 'node:path';
import { z } from 'zod';
import { repositoryFolder } from '#libs/embedded';
import { flag, loadConfig } from '#libs/service';

/** What the person who starts the store may set; everything else follows from it. */
const schema = z.object({
  STORE_DIR: z.string().default('.run').describe('a folder for data, logs and URLs of this store'),
  STORE_PORT_OFFSET: z
    .union(
      [z.literal('any'), z.coerce.number().int().min(0).max(10_000)],
      'is neither "any" nor a whole number up to 10000',
    )
    .default(0)
    .describe('a number that is added to every port, or "any" for free ones'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' })
    .optional()
    .describe("an administrator's URL of an existing PostgreSQL database"),
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(\s*,\s*[^\s,:]+:\d+)*$/, 'is not host:port, or several of them separated by commas')
    .optional()
    .describe('host:port of an existing broker'),
  STORE_KAFKA_IDENTITIES: flag
    .prefault('false')
    .describe(
      "true or false: the store's own Kafka asks each app for its password and keeps to ACLs, as in containers",
    ),
});

export interface Settings {
  /** Absolute. */
  folder: string;
  portOffset: number | 'any';
  /** Administrator's URL of an existing database; without it an embedded one is started. */
  databaseUrl: string | undefined;
  /** Existing brokers; without them an embedded one is started. */
  brokers: string | undefined;
  /** The embedded broker asks who comes, and lets each app do what the contracts say. */
  kafkaIdentities: boolean;
  /** Spans go where OTEL_* says; without such a variable the embedded trace viewer is started. */
  ownTelemetry: boolean;
}

/** Reads the environment; a wrong variable ends the process with its name. */
export function readSettings(): Settings {
  const read = loadConfig(schema);
  return {
    folder: resolve(repositoryFolder(), read.STORE_DIR),
    portOffset: read.STORE_PORT_OFFSET,
    databaseUrl: read.DATABASE_URL,
    brokers: read.KAFKA_BROKERS,
    kafkaIdentities: read.STORE_KAFKA_IDENTITIES && !read.KAFKA_BROKERS,
    ownTelemetry: Object.entries(process.env).some(
      ([name, value]) => value && /^OTEL_(TRACES_EXPORTER|EXPORTER_|SDK_DISABLED)/.test(name),
    ),
  };
}
