import { z } from 'zod';
import { type Environment, readVariable } from './read-variable.js';

/** sysexits.h: starting again will not help until somebody changes the configuration. */
export const EX_CONFIG = 78;

/** Names every bad variable and what to set it to; never a value, since values may be secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly lines: readonly string[]) {
    super(`The configuration is wrong:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}

/**
 * Reads the environment by a schema, once, at boot. Empty variables count as not set; X_FILE names a file that holds X
 * (see {@link readVariable}). Called with `env` it throws a {@link ConfigError}; called without, it is main.ts: the error
 * is printed and the process exits with 78 (EX_CONFIG), which tells whoever keeps it alive to give up.
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
  const found = Object.keys(schema.shape).map((name) => [name, readVariable(env, name)] as const);
  const unread = found.flatMap(([, { problem }]) => problem ?? []);
  const values = found.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value] as const]));
  const given = Object.fromEntries(values);
  const result = schema.safeParse(given);
  if (result.success && unread.length === 0) return result.data;
  const unreadNames = new Set(found.filter(([, { problem }]) => problem).map(([name]) => name));
  const issues = (result.error?.issues ?? []).filter(({ path: [name] }) => !unreadNames.has(String(name)));
  throw new ConfigError([...unread, ...issues.map((issue) => describeIssue(schema, issue, given))]);
}

function describeIssue(schema: z.ZodObject, issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0] ?? '');
  const field: unknown = schema.shape[name];
  const wanted = field instanceof z.ZodType && field.description ? `; set it to ${field.description}` : '';
  // Rules over several variables have no path and say all by themselves.
  if (!name) return issue.message;
  return `${name} ${given[name] ? problemOf(issue) : 'is not set'}${wanted}`;
}

/** zod's own words, where a schema has none, speak of its types, not of a variable. */
function problemOf({ message }: z.core.$ZodIssue): string {
  return /^(Invalid|Too (small|big)|Unrecognized)/.test(message) ? 'is not valid' : message;
}
