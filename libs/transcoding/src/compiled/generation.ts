/**
 * Whether this process may make functions from text: `--disallow-code-generation-from-strings` and its like forbid it. Only
 * code of our own making, from descriptors, is made so; see README.md.
 */
export function canGenerate(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** A function made of `source`, which sees nothing but what `scope` holds, by name, and what every script sees. */
export function generate(scope: Readonly<Record<string, unknown>>, source: string): unknown {
  const names = Object.keys(scope);
  const make: unknown = new Function(...names, `"use strict";${source}`);
  return typeof make === 'function' ? make(...names.map((name) => scope[name])) : undefined;
}
