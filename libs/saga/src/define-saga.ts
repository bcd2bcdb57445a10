import { checkTable } from './check-table.js';
import type { SagaDefinition, SagaTable } from './table.js';

/**
 * Checks a saga table and gives it back. Throws one error that lists everything that is wrong with it, so that a
 * saga which could get stuck never starts.
 */
export function defineSaga<Data>(definition: SagaDefinition<Data>): SagaTable<Data> {
  const problems = checkTable(definition);
  if (problems.length > 0) {
    throw new Error(
      `The saga table ${definition.name} v${definition.version} cannot work:\n- ${problems.join('\n- ')}`,
    );
  }
  return definition;
}
