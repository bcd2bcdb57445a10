import { types } from 'node:util';

/**
 * What may be said of an error where anybody can read it: its type, its code and the place in the program. Never its
 * message, which may quote what was in the payload.
 */
export function describeSafely(error: unknown): string {
  if (!types.isNativeError(error)) return 'a value that is no Error was thrown';
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : '';
  return [error.name, code === '' ? '' : `[${code}]`, placeOf(error)].filter(Boolean).join(' ');
}

/** The first frame in our own code. A message of several lines stands before the frames, so it is skipped by length. */
function placeOf({ stack = '', message }: Error): string {
  const frames = stack.slice(Math.max(0, stack.indexOf(message)) + message.length).split('\n');
  const own = frames.find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !/node_modules|node:/.test(line));
  return own?.trim().replace('file://', '') ?? '';
}
