import { services } from '#libs/contracts';
import type { KafkaIdentities } from '#libs/embedded';

const administrator = 'admin';
const names = [administrator, ...services];
type Secret = `kafka_${string}`;
const secretOf = (name: string): Secret => `kafka_${name}`;

/** What `StoreFolder.secrets` must know for `identitiesOf`. */
export const kafkaSecrets: readonly Secret[] = names.map(secretOf);

/** Who may come to the broker of this store, where it asks. */
export function identitiesOf(secrets: Readonly<Record<Secret, string>>): KafkaIdentities {
  const passwords = names.map((name) => [name, secrets[secretOf(name)] ?? ''] as const);
  return { administrator, passwords: Object.fromEntries(passwords) };
}

/** By which a program comes under this name; none where the broker does not ask. */
export function kafkaVariables(identities: KafkaIdentities | undefined, name: string): Record<string, string> {
  if (!identities) return {};
  return { KAFKA_USERNAME: name, KAFKA_PASSWORD: identities.passwords[name] ?? '' };
}
