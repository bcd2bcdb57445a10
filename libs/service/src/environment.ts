import { z } from 'zod';
import { isEndpoints } from '#libs/calls';
import { checkKafkaIdentity, kafkaVariables } from './kafka-environment.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const TRUE_OR_FALSE = 'true or false';

/** `host:port`; port 0 takes a free one. IPv6 hosts stand in brackets. */
export const listenAddress = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[^:[\]\s]+):\d{1,5}$/i, 'is not host:port')
  .transform((text): ListenAddress => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'has a port above 65535');

/** Where a gRPC service is: `host:port`, or its replicas separated by commas; of a name, all addresses are called in turn. */
export const grpcAddress = z.string().refine(isEndpoints, 'is not host:port, nor a list of such separated by commas');

/** `true` or `false`, nothing else: a typo must not switch something on or off. */
export const flag = z.enum(['true', 'false'], `is not ${TRUE_OR_FALSE}`).transform((text) => text === 'true');

/** An http(s) address. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an http(s) URL' })
  .transform((text) => new URL(text));

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' });

const trustedCallers = z.string().transform((text, context): ReadonlyMap<string, URL> => {
  const callers = new Map<string, URL>();
  for (const entry of text.split(',').filter(Boolean)) {
    const [name = '', url = ''] = entry.split(/=(.*)/s);
    if (!/^[a-z][a-z-]*$/.test(name.trim()) || !URL.canParse(url)) {
      context.addIssue(`has an entry that is not name=URL: number ${callers.size + 1}`);
      return z.NEVER;
    }
    callers.set(name.trim(), new URL(url));
  }
  return callers;
});

/** What every app reads. */
export const appEnvironment = z.object({
  OPS_LISTEN: listenAddress.describe('host:port of health checks and metrics, e.g. 127.0.0.1:9101'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('fatal, error, warn, info, debug, trace or silent'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json').describe('json, or pretty for people'),
  DEMO_MODE: flag.prefault('false').describe(`${TRUE_OR_FALSE}: demo accounts with a known password, demo products`),
});

const operatorListen = listenAddress
  .optional()
  .describe('host:port of the operator verbs (npm run ops), e.g. 127.0.0.1:9201; without it there are none');

/** What every gRPC service reads. Apps add their own with `.safeExtend({ … })`, which keeps the rule at the end. */
export const serviceEnvironment = appEnvironment
  .extend({
    GRPC_LISTEN: listenAddress.describe('host:port of the gRPC server, e.g. 127.0.0.1:50051'),
    DATABASE_URL: postgresUrl.describe("postgres://role:password@host:port/database with the service's own role"),
    ...kafkaVariables,
    TRUSTED_CALLERS: trustedCallers.describe(
      'who may call: name=URL of its public keys, separated by commas, e.g. gateway=http://127.0.0.1:9100/.well-known/jwks.json',
    ),
    OPERATOR_LISTEN: operatorListen,
    OPERATOR_CREDENTIALS: z
      .string()
      .optional()
      .describe(
        'path of the file that names the operators, made by npm run ops -- credentials add; needed with OPERATOR_LISTEN',
      ),
  })
  .check(checkKafkaIdentity);

export type AppEnvironment = z.output<typeof appEnvironment>;
export type ServiceEnvironment = z.output<typeof serviceEnvironment>;
