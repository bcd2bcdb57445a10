import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { listenAddress } from '#libs/service';
import { api } from './config/api.js';
import { ConfigFile, type Variables } from './config/config-file.js';
import type { ConfigPath, ConfigProblem } from './config/config-problem.js';
import { issuers } from './config/issuer.js';
import { isAddressOrNetwork, outgoing, textList } from './config/outgoing.js';
import { reference } from './config/reference.js';

const RESERVED_HEADER =
  /^(authorization|cookie|host|te|connection|content-.*|transfer-encoding|upgrade|grpc-.*|.*-bin|traceparent|tracestate|baggage|idempotency-key|x-forwarded-.*|forwarded)$/;

const seconds = z.number().positive().max(3600);

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}

const gatewayFields = z.strictObject({
  listen: z
    .strictObject({
      http: listenAddress.prefault('127.0.0.1:8080'),
      ops: listenAddress.prefault('127.0.0.1:9100'),
    })
    .prefault({}),
  tls: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
  http2: z
    .strictObject({ cleartext: z.boolean().default(false), maxStreams: z.int().positive().max(1_000).default(100) })
    .prefault({}),
  apis: z.array(api).min(1),
  issuers,
  outgoing,
  /** `reflective` makes no code at run time, for processes that may not; slower, and never different. */
  codec: z.enum(['compiled', 'reflective']).default('compiled'),
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' }).optional(),
  redisUrl: z.url({ protocol: /^rediss?$/, error: 'is not a redis:// URL' }).optional(),
  corsOrigins: textList.refine((origins) => origins.every(isOrigin), 'has an entry that is no origin').default([]),
  trustedProxies: textList
    .refine((proxies) => proxies.every(isAddressOrNetwork), 'has an entry that is no IP address or network')
    .default([]),
  limits: z
    .strictObject({
      bodyBytes: z.int().positive().default(10_485_760),
      headerBytes: z.int().min(1024).default(10_240),
      headersSeconds: seconds.default(10),
      requestSeconds: seconds.default(60),
      connectionsPerAddress: z.int().positive().default(1_024),
    })
    .prefault({}),
  reference,
  streams: z
    .strictObject({
      heartbeatSeconds: seconds.default(15),
      perCaller: z.int().positive().default(100),
      /** Of a request that is a stream, all of it: 5 GiB. */
      bodyBytes: z.int().positive().default(5_368_709_120),
      /** Of one message of JSON in it, and of one message that comes over WebSocket. */
      messageBytes: z.int().positive().max(16_000_000).default(1_048_576),
    })
    .prefault({}),
  forwardHeaders: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9-]+$/, 'must be a header name in lower case')
        .refine((name) => !RESERVED_HEADER.test(name), 'is reserved'),
    )
    .default([]),
});

const gatewayConfig = gatewayFields.refine(({ tls, http2 }) => !(tls && http2.cleartext), {
  path: ['http2', 'cleartext'],
  error: 'has no meaning beside tls: clients choose HTTP/2 by ALPN there',
});

export type GatewayConfig = z.output<typeof gatewayConfig>;

/** A configuration, and the file to say what is wrong with it later. */
export interface ReadConfig {
  readonly config: GatewayConfig;
  readonly file: ConfigFile;
}

/**
 * Reads the gateway's configuration; files that it names are relative to its own folder. Throws ConfigRefused with every
 * wrong place.
 */
export function readGatewayConfig(path: string, variables: Variables): GatewayConfig {
  return readConfigFile(path, variables).config;
}

/** {@link readGatewayConfig}, with the file. */
export function readConfigFile(path: string, variables: Variables): ReadConfig {
  const file = new ConfigFile(path, variables);
  const result = gatewayConfig.safeParse(file.value);
  const config = result.success ? withPaths(result.data, dirname(resolve(path))) : undefined;
  const missing = config ? missingFiles(config) : [];
  file.refuseIfAny([...(result.error?.issues ?? []).flatMap(problemsOf), ...missing]);
  if (!config) throw new Error('a configuration that was refused left no problem');
  return { config, file };
}

function problemsOf(issue: z.core.$ZodIssue): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not known here' }));
  }
  if (issue.code === 'invalid_union') {
    // The alternative that the value was meant for: the one whose type it has.
    const meant = issue.errors.find(([first]) => first && !(first.code === 'invalid_type' && first.path.length === 0));
    if (meant) return meant.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [{ path: issue.path, message: isMissing ? 'is missing' : issue.message }];
}

function withPaths(config: GatewayConfig, folder: string): GatewayConfig {
  const absolute = (path: string) => resolve(folder, path);
  const apis = config.apis.map((entry) => ({
    ...entry,
    ...(entry.descriptors !== undefined && { descriptors: absolute(entry.descriptors) }),
    upstreams: mapValues(entry.upstreams, (upstream) => ({
      ...upstream,
      ...(upstream.tls && { tls: mapValues(upstream.tls, absolute) }),
    })),
  }));
  const believed = config.issuers.map((issuer) => ({
    ...issuer,
    jwks: isUrl(issuer.jwks) ? issuer.jwks : absolute(issuer.jwks),
  }));
  const tls = config.tls && { cert: absolute(config.tls.cert), key: absolute(config.tls.key) };
  return { ...config, ...(tls && { tls }), apis, issuers: believed };
}

/** The files that a configuration names, each with its place. A reload is due when one of them changes. */
export function filesOf({ tls: own, apis, issuers: believed }: GatewayConfig): { path: ConfigPath; file: string }[] {
  const named: { path: ConfigPath; file: string | undefined }[] = [
    ...Object.entries(own ?? {}).map(([key, file]) => ({ path: ['tls', key], file })),
    ...apis.map(({ descriptors }, index) => ({ path: ['apis', index, 'descriptors'], file: descriptors })),
    ...believed.map(({ jwks }, index) => ({ path: ['issuers', index, 'jwks'], file: isUrl(jwks) ? undefined : jwks })),
    ...apis.flatMap(({ upstreams }, index) =>
      Object.entries(upstreams).flatMap(([name, { tls = {} }]) =>
        Object.entries(tls).map(([key, file]) => ({ path: ['apis', index, 'upstreams', name, 'tls', key], file })),
      ),
    ),
  ];
  return named.flatMap(({ path, file }) => (file === undefined ? [] : [{ path, file }]));
}

function missingFiles(config: GatewayConfig): ConfigProblem[] {
  return filesOf(config)
    .filter(({ file }) => !existsSync(file))
    .map(({ path, file }) => ({ path, message: `${file} does not exist` }));
}

export const isUrl = (text: string): boolean => /^https?:\/\//.test(text);

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
