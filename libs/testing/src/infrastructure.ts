/** Environment variable by which jest's workers learn where the infrastructure of the run is: JSON {url, token}. */
const infrastructureVariable = 'TEST_INFRASTRUCTURE';

/**
 * Asks the infrastructure of this jest run; the first call for a shared server waits for its start.
 * @throws when the spec does not belong to a project of jest that starts it (component, e2e), or when the start failed
 */
export async function askInfrastructure(name: string): Promise<Record<string, unknown>> {
  const place = process.env[infrastructureVariable];
  if (!place) {
    throw new Error(
      'No test infrastructure: name the file *.component.spec.ts or *.e2e.spec.ts and run it by "npm test".',
    );
  }
  const { url, token } = JSON.parse(place);
  const response = await fetch(`${url}/${name}`, { headers: { authorization: `Bearer ${token}` } });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null) throw new Error(`the test infrastructure answered ${answer}`);
  if (!response.ok)
    throw new Error(`the test infrastructure failed at ${name}: ${'error' in answer ? answer.error : ''}`);
  return { ...answer };
}

/** Reads a text out of an answer. */
export function textOf(answer: Record<string, unknown>, name: string): string {
  const value = answer[name];
  if (typeof value !== 'string') throw new Error(`the test infrastructure gave no ${name}: ${JSON.stringify(answer)}`);
  return value;
}
