import { DomainError } from '#libs/errors';
import { firstBrokenByte } from './utf8.js';

/** A JSON value read without loss: integers beyond 2^53 are bigint, objects have no prototype. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Arrays and objects inside each other; protobuf's own recursion limit is 100 too. */
export const MAX_DEPTH = 100;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// Longer literals fit no 64-bit field, and BigInt() takes quadratic time.
const MAX_EXACT_DIGITS = 40;
const WORDS: readonly (readonly [string, null | boolean])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

export interface JsonLimits {
  readonly maxDepth?: number | undefined;
  /** Of one key twice in an object: where it is not refused, the last wins, and the places may be asked for. */
  readonly duplicates?: 'refused' | 'last wins' | Duplicates;
  /** What follows the value is not looked at. */
  readonly onlyFirst?: boolean;
  /** A number that is out of range is infinite, for those who ask for it to refuse. */
  readonly infinite?: boolean;
}

/** The keys that objects have twice. */
export class Duplicates {
  private readonly keys = new WeakMap<JsonObject, Set<string>>();

  add(object: JsonObject, key: string): void {
    const keys = this.keys.get(object) ?? new Set();
    this.keys.set(object, keys.add(key));
  }

  has(object: JsonObject, key: string): boolean {
    return this.keys.get(object)?.has(key) ?? false;
  }
}

/**
 * Reads JSON (RFC 8259) as an API must and JSON.parse does not: exact integers, duplicate keys told, bounded depth,
 * `__proto__` a key like any other. Throws MALFORMED_BODY with the byte offset of the fault.
 */
export function parseJson(
  bytes: Uint8Array,
  { maxDepth = MAX_DEPTH, duplicates = 'refused', onlyFirst = false, infinite = false }: JsonLimits = {},
): Json {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed('is not UTF-8', firstBrokenByte(bytes), cause);
  }
  const reader = new Reader(text, { maxDepth, duplicates, onlyFirst, infinite });
  return reader.document();
}

/** The body is no JSON, or not the JSON that is asked for. */
export function malformed(problem: string, offset: number, cause?: unknown): DomainError {
  return new DomainError('MALFORMED_BODY', {
    violations: [{ field: '', description: `${problem} (at byte ${offset} of the body)` }],
    metadata: { offset: String(offset) },
    cause,
  });
}

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly limits: Required<JsonLimits>,
  ) {}

  document(): Json {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length && !this.limits.onlyFirst) this.fail('has something after the JSON value');
    return value;
  }

  private value(depth: number): Json {
    this.space();
    const char = this.text[this.at];
    if (char === '{' || char === '[') {
      const { maxDepth } = this.limits;
      if (depth >= maxDepth) this.fail(`is nested deeper than ${maxDepth} levels`);
      return char === '{' ? this.object(depth + 1) : this.array(depth + 1);
    }
    if (char === '"') return this.string();
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = Object.create(null);
    this.at++;
    if (this.skip('}')) return object;
    do {
      this.space();
      const start = this.at;
      if (this.text[start] !== '"') this.fail('lacks a key in double quotes');
      const key = this.string();
      if (Object.hasOwn(object, key)) this.again(object, key, start);
      if (!this.skip(':')) this.fail('lacks ":"');
      object[key] = this.value(depth);
    } while (this.skip(','));
    if (!this.skip('}')) this.fail('lacks "," or "}"');
    return object;
  }

  private again(object: JsonObject, key: string, start: number): void {
    const { duplicates } = this.limits;
    if (duplicates === 'refused') this.fail(`has the key ${JSON.stringify(key.slice(0, 100))} twice`, start);
    if (duplicates instanceof Duplicates) duplicates.add(object, key);
  }

  private array(depth: number): Json[] {
    const array: Json[] = [];
    this.at++;
    if (this.skip(']')) return array;
    do array.push(this.value(depth));
    while (this.skip(','));
    if (!this.skip(']')) this.fail('lacks "," or "]"');
    return array;
  }

  private string(): string {
    const start = this.at;
    let escaped = false;
    for (let i = start + 1; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x22) {
        this.at = i + 1;
        return escaped ? this.unescape(start, i + 1) : this.text.slice(start + 1, i);
      }
      if (code < 0x20) this.fail('has a control character in a string', i);
      if (code === 0x5c) {
        escaped = true;
        i++;
      }
    }
    return this.fail('ends inside a string', this.text.length);
  }

  private unescape(start: number, end: number): string {
    let value: unknown;
    try {
      value = JSON.parse(this.text.slice(start, end));
    } catch {
      this.fail('has a wrong escape in a string', start);
    }
    if (typeof value !== 'string' || !value.isWellFormed()) return this.fail('has half a surrogate pair', start);
    return value;
  }

  private number(): number | bigint {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) return this.fail(this.at < this.text.length ? 'has no JSON value where one must be' : 'ends too early');
    const literal = match[0];
    const value = Number(literal);
    if (!Number.isFinite(value) && !this.limits.infinite) this.fail('has a number that is out of range');
    this.at += literal.length;
    if (!Number.isInteger(value) || Number.isSafeInteger(value) || literal.length > MAX_EXACT_DIGITS) return value;
    return match[1] || match[2] ? BigInt(value) : BigInt(literal);
  }

  private skip(char: string): boolean {
    this.space();
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private fail(problem: string, at = this.at): never {
    throw malformed(problem, Buffer.byteLength(this.text.slice(0, at)));
  }
}
