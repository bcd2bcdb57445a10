import { fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import { createCodec, Router, resolveFieldPath, routesOf } from '../src/index.js';
import { type Rule, toyMethod, toyRegistry } from './toy.js';

type Call = { query?: string; body?: string; path?: string; reserved?: string };

/** What reaches the RPC for a request, as canonical JSON; a refusal as [code, 'field: description', …]. */
export function bind(rule: Rule, { path, query = '', body = '', reserved }: Call, input: 'Book' | 'Update' = 'Book') {
  const registry = toyRegistry({ A: rule }, input);
  const routes = routesOf(toyMethod(registry, 'A'));
  const [route] = routes;
  if (!route) throw new Error('no route');
  const match = new Router(routes).match(route.httpMethod, path ?? route.template.text);
  if (match.kind !== 'route') throw new Error(match.kind);
  const options = { reserved: reserved === undefined ? undefined : resolveFieldPath(route.rpc.input, reserved) };
  const [compiled, reflected] = [true, false].map((compiled) => {
    try {
      const http = { variables: match.variables, query, body: Buffer.from(body) };
      const request = createCodec(route, registry, { ...options, compiled }).decode(http);
      // What was decoded once more is the same: the bytes are canonical.
      expect(toBinary(route.rpc.input, fromBinary(route.rpc.input, request.bytes))).toEqual(
        Uint8Array.from(request.bytes),
      );
      return toJson(route.rpc.input, request.message(), { registry });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return [error.code, ...error.violations.map(({ field, description }) => `${field}: ${description}`)];
    }
  });
  expect(compiled).toEqual(reflected);
  return reflected;
}

export const post = (body: string, call: Call = {}) => bind({ post: '/v1/books', body: '*' }, { body, ...call });
export const get = (query: string) => bind({ get: '/v1/books' }, { query });
