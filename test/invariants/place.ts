import { readFileSync } from 'node:fs';
import type { CheckOptions } from './check-invariants.js';
import type { Stack } from './check-store.js';

export interface Place {
  readonly stack: Stack;
  readonly kafkaCredentials?: CheckOptions['kafkaCredentials'];
}

/**
 * The servers that the variables of the job `migrate` name, each as X or as the file X_FILE. @throws naming what is missing
 */
export function placeOf(env: NodeJS.ProcessEnv): Place {
  const url = variable(env, 'DATABASE_URL') ?? missing('DATABASE_URL');
  const brokers = variable(env, 'KAFKA_BROKERS') ?? missing('KAFKA_BROKERS');
  const stack = { postgres: { url }, kafka: { brokers } };
  const username = variable(env, 'KAFKA_USERNAME');
  if (username === undefined) return { stack };
  return {
    stack,
    kafkaCredentials: { username, password: variable(env, 'KAFKA_PASSWORD') ?? missing('KAFKA_PASSWORD') },
  };
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  return (file ? readFileSync(file, 'utf8').trim() : env[name]) || undefined;
}

function missing(name: string): never {
  throw new Error(`--environment reads where the store is from variables, and ${name} is not set (nor ${name}_FILE)`);
}
