import { readFileSync } from 'node:fs';
import { z } from 'zod';

const pid = z.number().optional();

const schema = z.object({
  launcher: z.object({ pid: z.number() }),
  gateway: z.object({ url: z.string() }),
  /** By name, the gateway included; `grpc` and `operator` are host:port, `ops` a URL with /readyz and /metrics. */
  apps: z.record(
    z.string(),
    z.object({ pid, grpc: z.string().optional(), operator: z.string().optional(), ops: z.string() }),
  ),
  /** The payment provider, which is a simulator here. */
  provider: z.object({ pid, url: z.string() }),
  /** `url` is the administrator's, `urls` are those of the apps' roles. */
  postgres: z.object({
    pid,
    url: z.string(),
    urls: z.record(z.string(), z.string()),
  }),
  /** `credentials` are the administrator's, where the broker asks for some. */
  kafka: z.object({
    pid,
    brokers: z.string(),
    credentials: z.object({ username: z.string(), password: z.string() }).optional(),
  }),
  /** Paths: the file that names the operators, and that with the token of the store's owner. */
  operator: z.object({ credentials: z.string(), token: z.string() }),
  /** Absent when spans go elsewhere by OTEL_* variables. */
  zipkin: z.object({ pid, url: z.string() }).optional(),
});

/**
 * What a running store tells programs about itself in `.run/stack.json`: addresses, and who to signal. A pid is absent
 * while its process is down, and for servers that are not the store's own.
 */
export type StackDescription = z.infer<typeof schema>;

/** Reads stack.json; undefined when there is none, that is while no store is ready. @throws when it is something else */
export function readStack(file: string): StackDescription | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return schema.parse(JSON.parse(text));
}
