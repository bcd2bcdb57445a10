/**
 * What may be said of an error where anybody can read it: its type, its code and the place in the program. Never its
 * message, which may quote what was in the payload.
 */
export function describeSafely(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is no Error was thrown';
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : '';
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line) && !/node_modules|node:/.test(line));
  return `${error.name}${code === '' ? '' : ` [${code}]`}${frame ? ` ${frame.trim().replace(/file:\/\//, '')}` : ''}`;
}
