import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type KafkaPlace, saslMechanisms } from '#libs/messaging';
import { commaList } from './comma-list.js';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----';

const tls = z.string().transform((text, context): { ca?: string } | undefined => {
  if (text === 'true' || text === 'false') return text === 'true' ? {} : undefined;
  try {
    // By KAFKA_TLS_FILE the text is the certificate itself.
    const ca = text.includes(CERTIFICATE) ? text : readFileSync(text, 'utf8');
    if (ca.includes(CERTIFICATE)) return { ca };
    context.addIssue('names a file without a PEM certificate');
  } catch {
    context.addIssue('is neither true nor false nor a file that can be read');
  }
  return z.NEVER;
});

/** What everything reads that opens Kafka. */
export const kafkaVariables = {
  KAFKA_BROKERS: commaList
    .refine((brokers) => brokers.length > 0, 'is empty')
    .describe('host:port of Kafka brokers, separated by commas'),
  KAFKA_TOPIC_PREFIX: z.string().default('').describe('put before every topic and group name; for tests'),
  KAFKA_USERNAME: z
    .string()
    .optional()
    .describe('who we are to Kafka (SASL), e.g. orders; needs KAFKA_PASSWORD. Without it: nobody in particular'),
  KAFKA_PASSWORD: z.string().optional().describe('the password of KAFKA_USERNAME'),
  KAFKA_SASL_MECHANISM: z
    .enum(saslMechanisms)
    .default('plain')
    .describe(`how the password is shown to Kafka: ${saslMechanisms.join(', ')}`),
  KAFKA_TLS: tls
    .prefault('false')
    .describe('true: Kafka is spoken to by TLS; or the path of a PEM file with the authority of its certificates'),
};

type KafkaEnvironment = z.output<z.ZodObject<typeof kafkaVariables>>;

type KafkaIdentity = Record<'KAFKA_USERNAME' | 'KAFKA_PASSWORD', unknown>;

/** A name without a password, or the reverse, is a mistake and not a choice. */
export function checkKafkaIdentity({ value, issues }: z.core.ParsePayload<Partial<KafkaIdentity>>): void {
  const { KAFKA_USERNAME, KAFKA_PASSWORD } = value;
  if ((KAFKA_USERNAME === undefined) === (KAFKA_PASSWORD === undefined)) return;
  const missing = KAFKA_USERNAME === undefined ? 'KAFKA_USERNAME' : 'KAFKA_PASSWORD';
  issues.push({ code: 'custom', message: 'is not set', path: [missing], input: undefined });
}

/** The variables as libs/messaging takes them. */
export function kafkaOf(config: KafkaEnvironment): KafkaPlace & { topicPrefix: string } {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_SASL_MECHANISM: mechanism } = config;
  const credentials = username !== undefined && password !== undefined && { username, password, mechanism };
  return {
    brokers: config.KAFKA_BROKERS,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    security: { tls: config.KAFKA_TLS, ...(credentials && { credentials }) },
  };
}
