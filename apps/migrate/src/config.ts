import { z } from 'zod';
import type { MigrationPlan } from '#libs/database';
import { checkKafkaIdentity, kafkaVariables, loadConfig } from '#libs/service';

const environment = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' })
    .describe('postgres://admin:password@host:port/database, with a role that may create roles and schemas'),
  ...kafkaVariables,
  KAFKA_USERNAME: kafkaVariables.KAFKA_USERNAME.describe(
    'an administrator of Kafka (SASL), e.g. admin; needs KAFKA_PASSWORD. Without it no ACLs are made',
  ),
  KAFKA_REPLICATION_FACTOR: z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(1, 'is less than 1')
    .default(1)
    .describe('how many brokers keep each new topic'),
  MIGRATE_WAIT: z.coerce
    .number('is not a number')
    .min(0, 'is negative')
    .default(120)
    .describe('seconds to wait for PostgreSQL and for Kafka to come up'),
});

export type MigrateConfig = z.output<typeof environment> & {
  /** By role. */
  passwords: Readonly<Record<string, string>>;
};

const passwordVariable = (role: string): string => `${role.toUpperCase()}_DATABASE_PASSWORD`;

function schemaFor(plans: readonly MigrationPlan[]) {
  const passwords = plans.map(({ schema }) => {
    const password = z.string().min(1).describe(`the password that the role ${schema} gets`);
    return [passwordVariable(schema), password] as const;
  });
  return environment.catchall(z.string()).extend(Object.fromEntries(passwords)).check(checkKafkaIdentity);
}

/** Each app with a schema needs a password for its role. A bad variable is named; see `loadConfig`. */
export function readConfig(
  plans: readonly MigrationPlan[],
  env?: Readonly<Record<string, string | undefined>>,
): MigrateConfig {
  const read = <S extends z.ZodObject>(schema: S) => (env ? loadConfig(schema, env) : loadConfig(schema));
  const values = read(schemaFor(plans)); // first: names every bad variable at once
  const passwords = plans.map(({ schema: role }) => [role, String(values[passwordVariable(role)])] as const);
  return { ...read(environment), passwords: Object.fromEntries(passwords) };
}

/** One line per variable. */
export function describeVariables(plans: readonly MigrationPlan[]): string[] {
  const variables = Object.entries<z.ZodType>(schemaFor(plans).shape);
  const width = Math.max(...variables.map(([name]) => name.length));
  return variables.map(([name, field]) => {
    const standard = field instanceof z.ZodDefault ? ` (default ${JSON.stringify(field.def.defaultValue)})` : '';
    return `  ${name.padEnd(width)}  ${field.description ?? ''}${standard}`;
  });
}
