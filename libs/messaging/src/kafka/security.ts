import { createRequire } from 'node:module';
import type { KafkaConfig, Mechanism } from 'kafkajs';

/** PLAIN sends the password itself: outside of a closed network it belongs under TLS. */
export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

/** Who we are to the brokers; Kafka calls it the principal `User:<username>`. */
export interface KafkaCredentials {
  readonly username: string;
  readonly password: string;
  readonly mechanism: SaslMechanism;
}

/** How the brokers are spoken to; without both, in clear and as nobody in particular. */
export interface KafkaSecurity {
  readonly credentials?: KafkaCredentials | undefined;
  /** `ca`: PEM of the authorities that may have signed the brokers' certificates; default those that Node trusts. */
  readonly tls?: { readonly ca?: string } | undefined;
}

/** The same in kafkajs' words. */
export function clientSecurity({ credentials, tls }: KafkaSecurity): Pick<KafkaConfig, 'sasl' | 'ssl'> {
  return {
    ...(tls && { ssl: tls.ca === undefined ? true : { ca: [tls.ca] } }),
    ...(credentials && { sasl: honest(credentials) }),
  };
}

type Provider = Mechanism['authenticationProvider'];

const MODULES: Readonly<Record<SaslMechanism, string>> = {
  plain: 'plain',
  'scram-sha-256': 'scram256',
  'scram-sha-512': 'scram512',
};

/**
 * kafkajs calls every failure between its first and last byte of authentication a refusal that no repetition mends, also
 * a broker that dies meanwhile: a consumer would end itself for it. This keeps the two apart: what is no answer of the
 * broker is thrown as it came.
 */
function honest({ mechanism, username, password }: KafkaCredentials): Mechanism {
  const load = createRequire(import.meta.url);
  const builtIn: (credentials: { username: string; password: string }) => Provider = load(
    `kafkajs/src/broker/saslAuthenticator/${MODULES[mechanism]}`,
  );
  const provider = builtIn({ username, password });
  const authenticationProvider: Provider = (args) => {
    let away: unknown;
    const { authenticate } = provider({
      ...args,
      saslAuthenticate: (exchange) =>
        args.saslAuthenticate(exchange).catch((error: unknown) => {
          if (!isAnswer(error)) away = error;
          throw error;
        }),
    });
    return {
      authenticate: () =>
        authenticate().catch((error: unknown) => {
          throw away ?? error;
        }),
    };
  };
  return { mechanism, authenticationProvider };
}

function isAnswer(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'SASL_AUTHENTICATION_FAILED';
}
