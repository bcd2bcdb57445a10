import { randomBytes } from 'node:crypto';

/** Who may come to a broker. Kafka calls each of them the principal `User:<name>`. */
export interface KafkaIdentities {
  /** Passwords by name; both of letters, digits, `-` and `_`. */
  readonly passwords: Readonly<Record<string, string>>;
  /** One of the names: may do everything. The others may do what ACLs say. */
  readonly administrator: string;
}

const BROKER = 'broker';
const LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';

/**
 * The properties that make a broker ask for passwords (SASL/PLAIN) and keep to ACLs. It speaks to its controller by a
 * password of its own, so that nobody comes as ANONYMOUS on that port either.
 * @throws when a name or password has other characters
 */
export function brokerSecurity({ passwords, administrator }: KafkaIdentities): Record<string, string | boolean> {
  if (!(administrator in passwords)) throw new Error(`the administrator ${administrator} has no password`);
  for (const [name, password] of Object.entries(passwords)) {
    if (name === BROKER) throw new Error(`the broker itself is called ${BROKER}`);
    if (![name, password].every((text) => /^[\w-]+$/.test(text)))
      throw new Error(`the name or password of ${name} has other characters than letters, digits, - and _`);
  }
  const own = randomBytes(16).toString('hex');
  const users = Object.entries({ ...passwords, [BROKER]: own }).map(([name, password]) => `user_${name}="${password}"`);
  const login = `${LOGIN} required username="${BROKER}" password="${own}" ${users.join(' ')};`;
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': login,
    'listener.name.controller.plain.sasl.jaas.config': login,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': `User:${BROKER};User:${administrator}`,
  };
}
