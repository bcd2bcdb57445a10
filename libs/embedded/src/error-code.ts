/**
 * The code of a system error ("ENOENT", "EADDRINUSE"). Not by `instanceof Error`: errors of Node's core are no instances of
 * the Error class that jest gives to tests.
 */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
