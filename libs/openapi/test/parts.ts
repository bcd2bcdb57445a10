/** An RPC that makes a book. */
export const create = { input: 'Book', http: { post: '/v1/books', body: '*' } } as const;

/** The part of a document at a path of keys. */
export function at(document: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );
}

export const operation = (document: unknown, path: string, method: string) => at(document, 'paths', path, method);
export const schema = (document: unknown, name: string) => at(document, 'components', 'schemas', name);
