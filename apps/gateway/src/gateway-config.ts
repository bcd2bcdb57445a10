import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const RESERVED_HEADER =
  /^(authorization|cookie|host|te|connection|content-.*|transfer-encoding|upgrade|grpc-.*|.*-bin|traceparent|tracestate|baggage|idempotency-key|x-forwarded-.*|forwarded)$/;

const upstream = z.union([
  z
    .string()
    .min(1)
    .transform((address) => ({ address, audience: undefined })),
  z.strictObject({ address: z.string().min(1), audience: z.string().min(1).optional() }),
]);

const api = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  descriptors: z.string(),
  prefix: z
    .string()
    .regex(/^(\/[^/{}*:]+)*$/, 'is no path: /a/b, or empty')
    .default(''),
  dialect: z.enum(['strict'], 'must be "strict": other dialects are not implemented yet').default('strict'),
  /** What holds for RPCs whose policy names no access. There is no way to make them public at once. */
  defaultAccess: z.enum(['authenticated']).optional(),
  upstreams: z.record(z.string(), upstream),
});

const seconds = z.number().positive().max(3600);

const gatewayConfig = z.strictObject({
  apis: z.array(api).min(1),
  limits: z
    .strictObject({
      bodyBytes: z.int().positive().default(10_485_760),
      headerBytes: z.int().min(1024).default(10_240),
      headersSeconds: seconds.default(10),
      requestSeconds: seconds.default(60),
    })
    .prefault({}),
  streams: z.strictObject({ heartbeatSeconds: seconds.default(15) }).prefault({}),
  forwardHeaders: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9-]+$/, 'must be a header name in lower case')
        .refine((name) => !RESERVED_HEADER.test(name), 'is reserved'),
    )
    .default([]),
});

export type GatewayConfig = z.output<typeof gatewayConfig>;
export type ApiConfig = GatewayConfig['apis'][number];

/**
 * Reads gateway.yaml: `${NAME}` in a text is replaced by the environment variable. Throws an Error that names the file
 * and every wrong place in it.
 */
export function readGatewayConfig(path: string, env: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const problems: string[] = [];
  const document = withEnvironment(parseFile(path), env, problems);
  const result = gatewayConfig.safeParse(document);
  for (const { path: place, message } of result.error?.issues ?? [])
    problems.push(`${z.core.toDotPath(place)}: ${message}`);
  if (!result.data || problems.length > 0) {
    throw new Error(`${path} is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  return result.data;
}

function parseFile(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function withEnvironment(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const text = env[name];
      if (!text) problems.push(`the environment variable ${name} is not set`);
      return text ?? '';
    });
  }
  if (Array.isArray(value)) return value.map((item) => withEnvironment(item, env, problems));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withEnvironment(item, env, problems)]));
}
