import { toJson } from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import { createCodec, type Dialect, Router, routesOf } from '../src/index.js';
import { type Rule, toyMethod, toyRegistry } from './toy.js';

export interface DialectCall {
  readonly dialect?: Dialect;
  readonly path?: string;
  readonly query?: string;
  readonly body?: string;
  readonly input?: 'Book' | 'Update';
}

/**
 * What reaches the RPC for a request, as canonical JSON; of a refusal what is wrong. Compiled code and reflection are held
 * against each other.
 */
export function bindIn({ dialect = 'strict', path, query = '', body = '', input = 'Book' }: DialectCall, rule: Rule) {
  const registry = toyRegistry({ A: rule }, input);
  const routes = routesOf(toyMethod(registry, 'A'));
  const [route] = routes;
  if (!route) throw new Error('no route');
  const match = new Router(routes).match(route.httpMethod, path ?? route.template.text);
  if (match.kind !== 'route') throw new Error(match.kind);
  const [compiled, reflected] = [true, false].map((compiled) => {
    try {
      const codec = createCodec(route, registry, { dialect, compiled });
      const request = codec.decode({ variables: match.variables, query, body: Buffer.from(body) });
      return toJson(route.rpc.input, request.message(), { registry });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return error.violations.map(({ field, description }) => `${field}: ${description}`.trim());
    }
  });
  expect(compiled).toEqual(reflected);
  return reflected;
}
