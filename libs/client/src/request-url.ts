import type { Operation } from './operation.js';

export interface RequestParts {
  /** Path and query. */
  readonly target: string;
  /** JSON; undefined where there is no body. */
  readonly body: string | undefined;
}

/** A request in the terms of HTTP: fields go into path, body or query, as the operation says. */
export function requestParts({ path, body }: Operation, request: object): RequestParts {
  const fields = new Map<string, unknown>(Object.entries(request));
  const filled = path.replace(/\{([\w.]+)(=\*\*)?\}/g, (_, name: string, slashes?: string) => {
    const value = takeText(fields, name);
    return slashes ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
  if (body === '*') return { target: filled, body: JSON.stringify(Object.fromEntries(fields)) };
  const sent = body === undefined ? undefined : fields.get(body);
  if (body !== undefined) fields.delete(body);
  const query = new URLSearchParams([...fields].flatMap(([name, value]) => parameters(name, value))).toString();
  return {
    target: query === '' ? filled : `${filled}?${query}`,
    body: body === undefined ? undefined : JSON.stringify(sent ?? {}),
  };
}

/** The value of a path's variable, which is sent nowhere else. */
function takeText(fields: Map<string, unknown>, path: string): string {
  const [first = '', ...rest] = path.split('.');
  let value: unknown = fields.get(first);
  for (const name of rest) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  if (rest.length === 0) fields.delete(first);
  if (value === undefined || value === null || value === '') throw new TypeError(`the request needs "${path}"`);
  return String(value);
}

function parameters(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item) => [name, String(item)]);
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, item]) => parameters(`${name}.${key}`, item));
}
