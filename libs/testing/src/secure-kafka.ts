import { randomBytes } from 'node:crypto';
import { startKafka } from '#libs/embedded';
import type { KafkaPlace } from '#libs/messaging';
import { testFolder } from './test-folder.js';

/** A broker that asks for passwords and keeps to ACLs, without topics and ACLs. */
export interface SecureKafka {
  readonly brokers: string;
  /** Where it is, for one of the services, `admin`, or `stranger`, whom no contract knows. */
  as(name: string): Required<KafkaPlace>;
  /** The variables of an app that comes under this name. */
  variables(name: string): Record<string, string>;
  close(): Promise<void>;
}

/** Of one test file, which must close it. */
export async function secureKafka(): Promise<SecureKafka> {
  const { services } = await import('#libs/contracts'); // loaded here: tests without Kafka need it not
  const names = [...services, 'admin', 'stranger'];
  const passwords = Object.fromEntries(names.map((name) => [name, randomBytes(12).toString('hex')]));
  const server = await startKafka({ folder: await testFolder(), identities: { passwords, administrator: 'admin' } });
  const { brokers } = server;
  const passwordOf = (name: string): string => {
    const password = passwords[name];
    if (!password) throw new Error(`the broker does not know ${name}`);
    return password;
  };
  return {
    brokers,
    as: (name) => ({
      brokers: [brokers],
      security: { credentials: { username: name, password: passwordOf(name), mechanism: 'plain' } },
    }),
    variables: (name) => ({ KAFKA_BROKERS: brokers, KAFKA_USERNAME: name, KAFKA_PASSWORD: passwordOf(name) }),
    close: () => server.kill(),
  };
}
