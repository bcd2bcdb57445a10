import {
  create,
  type DescMessage,
  type DescMethod,
  fromJson,
  getOption,
  type JsonObject,
  toJson,
} from '@bufbuild/protobuf';
import { http } from '#libs/contracts';

export interface HttpCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: unknown;
}

/** The HTTP request that stands for a call of `rpc`, by its google.api.http rule; undefined when it has none. */
export function httpCall(rpc: DescMethod, request: JsonObject): HttpCall | undefined {
  const { pattern, body: bodyRule } = getOption(rpc, http);
  if (pattern.case === undefined || pattern.case === 'custom') return undefined;
  const rest = canonical(rpc.input, request);
  const path = pattern.value.replace(/\{([\w.]+)(?:=[^}]*)?\}/g, (_, name: string) =>
    encodeURIComponent(String(take(rest, name.split('.').map(camelCase)))),
  );
  const body = bodyRule === '*' ? { ...rest } : bodyRule === '' ? undefined : take(rest, [camelCase(bodyRule)]);
  const query = bodyRule === '*' ? '' : new URLSearchParams(Object.entries(rest).flatMap(parameters)).toString();
  return { method: pattern.case.toUpperCase(), path: query ? `${path}?${query}` : path, body };
}

function canonical(message: DescMessage, request: JsonObject): JsonObject {
  const json = toJson(message, Object.keys(request).length > 0 ? fromJson(message, request) : create(message));
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
}

function take(from: JsonObject, [name = '', ...deeper]: readonly string[]): unknown {
  const value = from[name];
  if (deeper.length > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return take(value, deeper);
  }
  delete from[name];
  return value;
}

function parameters([name, value]: [string, unknown]): [string, string][] {
  return (Array.isArray(value) ? value : [value]).map((item) => [name, String(item)]);
}

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
