import type { DescField, DescMessage, DescMethod } from '@bufbuild/protobuf';
import type { Route } from '../src/route.js';
import { parseTemplate } from '../src/template.js';

/** A route that takes a message as its body, or a field of it. */
export function routeTo(input: DescMessage, body: DescField | 'whole' = 'whole'): Route {
  const rpc = { input, output: input } as DescMethod;
  const template = parseTemplate('/v1');
  return { rpc, binding: 0, httpMethod: 'POST', template, variables: [], body, responseBody: undefined };
}
