import { z } from 'zod';

/** sysexits.h: starting again will not help until somebody changes the configuration. */
export const EX_CONFIG = 78;

type Environment = Readonly<Record<string, string | undefined>>;

/** Names every bad variable and what to set it to; never a value, since values may be secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly lines: readonly string[]) {
    super(`The configuration is wrong:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}

/**
 * Reads the environment by a schema, once, at boot. Empty variables count as not set. Called with `env` it throws a
 * {@link ConfigError}; called without, it is main.ts: the error is printed and the process exits with 78 (EX_CONFIG),
 * which tells whoever keeps it alive to give up.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env?: Environment): z.output<S> {
  if (env) return parse(schema, env);
  try {
    return parse(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}

function parse<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const known = Object.keys(schema.shape).filter((name) => env[name]);
  const result = schema.safeParse(Object.fromEntries(known.map((name) => [name, env[name]])));
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => describeIssue(schema, issue, env)));
}

function describeIssue(schema: z.ZodObject, issue: z.core.$ZodIssue, env: Environment): string {
  const name = String(issue.path[0] ?? '');
  const field: unknown = schema.shape[name];
  const wanted = field instanceof z.ZodType && field.description ? `; set it to ${field.description}` : '';
  // Rules over several variables have no path and say all by themselves.
  if (!name) return issue.message;
  return `${name} ${env[name] ? problemOf(issue) : 'is not set'}${wanted}`;
}

/** zod's own words, where a schema has none, speak of its types, not of a variable. */
function problemOf({ message }: z.core.$ZodIssue): string {
  return /^(Invalid|Too (small|big)|Unrecognized)/.test(message) ? 'is not valid' : message;
}
