import { fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import { type CodecOptions, createCodec, type Dialect, Router, resolveFieldPath, routesOf } from '../src/index.js';
import { type Rule, toyMethod, toyRegistry } from './toy.js';

interface Call {
  readonly query?: string;
  readonly body?: string;
  /** Default: the text of the template. */
  readonly path?: string;
}

interface Side {
  readonly input?: 'Book' | 'Update' | undefined;
  readonly options?: CodecOptions;
  /** The path of a field that the gateway takes from elsewhere. */
  readonly reserved?: string | undefined;
}

/**
 * What reaches the RPC for a request, as canonical JSON, or how it is refused. Compiled code and reflection are held against each
 * other, and the bytes have to be canonical.
 */
function bound(rule: Rule, { path, query = '', body = '' }: Call, { input = 'Book', options, reserved }: Side) {
  const registry = toyRegistry({ A: rule }, input);
  const routes = routesOf(toyMethod(registry, 'A'));
  const [route] = routes;
  if (!route) throw new Error('no route');
  const match = new Router(routes).match(route.httpMethod, path ?? route.template.text);
  if (match.kind !== 'route') throw new Error(match.kind);
  const field = reserved === undefined ? undefined : resolveFieldPath(route.rpc.input, reserved);
  const [compiled, reflected] = [true, false].map((compiled) => {
    try {
      const http = { variables: match.variables, query, body: Buffer.from(body) };
      const request = createCodec(route, registry, { ...options, reserved: field, compiled }).decode(http);
      expect(toBinary(route.rpc.input, fromBinary(route.rpc.input, request.bytes))).toEqual(
        Uint8Array.from(request.bytes),
      );
      return toJson(route.rpc.input, request.message(), { registry });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return error;
    }
  });
  const [told, toldByReflection] = [compiled, reflected].map((one) =>
    one instanceof DomainError ? [one.code, one.violations] : one,
  );
  expect(told).toEqual(toldByReflection);
  return reflected;
}

const faultsOf = ({ violations }: DomainError) =>
  violations.map(({ field, description }) => `${field}: ${description}`.trim());

/** Of a refusal [code, 'field: description', …]. */
export function bind(rule: Rule, { reserved, ...call }: Call & { reserved?: string }, input?: 'Book' | 'Update') {
  const told = bound(rule, call, { input, reserved });
  return told instanceof DomainError ? [told.code, ...faultsOf(told)] : told;
}

export interface DialectCall extends Call {
  readonly dialect?: Dialect;
  readonly input?: 'Book' | 'Update';
}

/** Of a refusal what is wrong. */
export function bindIn({ dialect = 'strict', input, ...call }: DialectCall, rule: Rule) {
  const told = bound(rule, call, { input, options: { dialect } });
  return told instanceof DomainError ? faultsOf(told) : told;
}

export const post = (body: string, call: Call & { reserved?: string } = {}) =>
  bind({ post: '/v1/books', body: '*' }, { body, ...call });
export const get = (query: string) => bind({ get: '/v1/books' }, { query });
