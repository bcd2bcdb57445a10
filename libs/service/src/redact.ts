import { type DescMessage, getOption, hasOption, type Message } from '@bufbuild/protobuf';
import * as contracts from '#libs/contracts';

const REDACTED = '[redacted]';
const MAX_DEPTH = 6;

// The messages of the contracts that hold personal data or secrets: full name → json names of those fields.
const marked = new Map<string, ReadonlySet<string>>();
const names = new Set(['authorization', 'cookie', 'setcookie', 'token', 'secret', 'apikey', 'privatekey', 'password']);

const exported: unknown[] = Object.values(contracts);
for (const message of exported.filter(isDescMessage)) {
  const fields = message.fields.filter(
    (field) =>
      (hasOption(field, contracts.pii) && getOption(field, contracts.pii)) ||
      (hasOption(field, contracts.secret) && getOption(field, contracts.secret)),
  );
  if (fields.length > 0) marked.set(message.typeName, new Set(fields.map((field) => field.localName)));
  // `name` says nothing outside its message; the others are telling wherever they stand.
  for (const field of fields) if (field.name !== 'name') names.add(normal(field.name));
}

// E-mail addresses, bearer and JSON web tokens, passwords in URLs. Every part is bounded, so that time stays linear.
const IN_TEXT =
  /\bBearer\s{1,8}[\w.~+/=-]{1,8192}|\beyJ[\w-]{1,4096}(?:\.[\w-]{0,4096}){1,4}|(?<=:\/\/[^\s:@/]{0,128}:)[^\s@/]{1,256}(?=@)|[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gi;

// What one of them has to hold. Most texts hold none of it, and are spared the search.
const SUSPICIOUS = /@|eyJ|Bearer/i;

/** A text without the e-mail addresses, tokens and URL passwords that it may hold. */
export function redactText(text: string): string {
  return SUSPICIOUS.test(text) ? text.replace(IN_TEXT, REDACTED) : text;
}

/**
 * A copy of what is logged, without what must not be: fields that the contracts mark `pii` or `secret`, fields with a
 * telling name (authorization, password, token, …), and such text inside strings.
 */
function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Map) return redact(Object.fromEntries(value), depth);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

/** {@link redact} for the fields of a log line. */
export function redactFields(value: object, depth = 0): Record<string, unknown> {
  const private_ = isMessage(value) ? marked.get(value.$typeName) : undefined;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    copy[key] = private_?.has(key) || isTelling(key) ? REDACTED : redact(item, depth + 1);
  }
  return copy;
}

/** An error for a log line. Its own fields are dropped (a database error's `detail` quotes the row), but the code. */
function describeError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: redactText(error.message),
    ...('code' in error ? { code: error.code } : {}),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

const MOST_KEYS = 1_000;
const tellingKeys = new Map<string, boolean>();

/** Whether the name of a field says that it holds what must not be logged. The same few come with every line. */
function isTelling(key: string): boolean {
  const known = tellingKeys.get(key);
  if (known !== undefined) return known;
  const isOne = names.has(normal(key));
  if (tellingKeys.size < MOST_KEYS) tellingKeys.set(key, isOne);
  return isOne;
}

function normal(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

function isDescMessage(value: unknown): value is DescMessage {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'message';
}

function isMessage(value: object): value is Message {
  return '$typeName' in value && typeof value.$typeName === 'string';
}
