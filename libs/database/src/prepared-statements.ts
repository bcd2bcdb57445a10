import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { ClientBase } from 'pg';

// Texts are few, since they come from code; a list of values that varies in length makes new ones.
const MOST = 500;

// What PostgreSQL says when a migration has changed the columns that a statement gives.
const CHANGED_RESULT = 'cached plan must not change result type';

const names = new Map<string, string>();
let generation = 0;

/**
 * Has the connection parse and plan each statement with parameters once, under a name made of its text: planning costs
 * more than running most of them. When a migration has changed the result of one, that one call fails, with an error
 * that `isTransient` knows, and all statements get new names.
 */
export function prepareStatements(client: ClientBase): void {
  const query = client.query.bind(client);
  const named = async (text: string, values: unknown[]) => {
    try {
      return await query({ name: nameOf(text), text, values });
    } catch (error) {
      if (types.isNativeError(error) && error.message === CHANGED_RESULT) forgetNames();
      throw error;
    }
  };
  const replacement = (...args: unknown[]): unknown => {
    const [text, values] = args;
    const canBeNamed = args.length === 2 && typeof text === 'string' && Array.isArray(values) && values.length > 0;
    return canBeNamed ? named(text, values) : Reflect.apply(query, undefined, args);
  };
  Object.assign(client, { query: replacement });
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST) return known;
  const name = `${generation}-${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
  names.set(text, name);
  return name;
}

function forgetNames(): void {
  generation += 1;
  names.clear();
}
