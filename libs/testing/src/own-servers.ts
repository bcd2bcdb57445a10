import { askInfrastructure, textOf } from './infrastructure.js';

/** A server of one test, to be stopped and killed at will; it is removed at the end of the jest run. */
export interface OwnServer {
  /** Resolves when it serves again, on the same port and data. */
  start(): Promise<void>;
  /** An orderly stop. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** A Kafka broker without topics, for tests of what happens while it is away. */
export async function ownKafka(): Promise<OwnServer & { brokers: string }> {
  const answer = await askInfrastructure('own/kafka');
  return { brokers: textOf(answer, 'brokers'), ...verbs(textOf(answer, 'id')) };
}

/** A PostgreSQL with an empty database, for tests of what happens while it is away; `url` is the superuser's. */
export async function ownPostgres(): Promise<OwnServer & { url: string }> {
  const answer = await askInfrastructure('own/postgres');
  return { url: textOf(answer, 'url'), ...verbs(textOf(answer, 'id')) };
}

function verbs(id: string): OwnServer {
  const verb = (name: string) => async () => {
    await askInfrastructure(`own/${id}/${name}`);
  };
  return { start: verb('start'), stop: verb('stop'), kill: verb('kill') };
}
