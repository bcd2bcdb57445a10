import type { DescMethod } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ANY_METHOD, parseTemplate, type Route } from '../src/index.js';

/** A route as a specification sees it: before anything of it was parsed. */
export interface SpecifiedRoute {
  readonly httpMethod: string;
  readonly pieces: readonly SpecifiedPiece[];
  readonly verb: string | undefined;
}
/** `variable`: a pattern in braces; else a segment that stands for itself. */
export type SpecifiedPiece = { readonly variable: readonly string[] } | { readonly segment: string };

const LITERALS = ['a', 'b', 'c', "(o'x)", 'a:b', '@me', '.x', '~', 'a=b', 'a%2Fb', 'é'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'PURGE', ANY_METHOD];
const segment = fc.constantFrom(...LITERALS.slice(0, 3), ...LITERALS, '*', '*');
const piece: fc.Arbitrary<SpecifiedPiece> = fc.oneof(
  { weight: 4, arbitrary: segment.map((one) => ({ segment: one })) },
  { weight: 3, arbitrary: fc.constant({ variable: ['*'] }) },
  { weight: 1, arbitrary: fc.array(segment, { minLength: 1, maxLength: 3 }).map((variable) => ({ variable })) },
);
const rest: fc.Arbitrary<SpecifiedPiece> = fc.oneof(
  fc.constant({ segment: '**' }),
  fc.array(segment, { maxLength: 2 }).map((before) => ({ variable: [...before, '**'] })),
);
const route: fc.Arbitrary<SpecifiedRoute> = fc
  .record({
    httpMethod: fc.constantFrom(...METHODS),
    pieces: fc.array(piece, { minLength: 1, maxLength: 4 }),
    last: fc.option(rest, { freq: 3, nil: undefined }),
    verb: fc.option(fc.constantFrom('go', 'b', 'é'), { freq: 3, nil: undefined }),
  })
  .map(({ pieces, last, ...route }) => ({ ...route, pieces: last ? [...pieces, last] : pieces }))
  // The last colon of a template begins its verb, also where a literal has it.
  .filter(({ pieces, verb }) => verb !== undefined || !endsWithColon(pieces.at(-1)));

/** Up to twelve routes, of which no two claim the same. */
export const routeSet = fc.uniqueArray(route, { maxLength: 12, selector: claimOf });

/** Methods and paths that fit some of the routes, nearly fit them, or fit none. */
export function requests(routes: readonly SpecifiedRoute[]): fc.Arbitrary<[method: string, path: string][]> {
  const word = fc.constantFrom(
    'a',
    'b',
    'c',
    'x',
    '@me',
    'a%2Fb',
    'a%2fb',
    '%C3%A9',
    '%c3%a9',
    'a:b',
    'x:go',
    ':go',
    '%3Ago',
  );
  const anything = fc.array(fc.oneof(word, fc.constant('')), { maxLength: 5 }).map((words) => `/${words.join('/')}`);
  const filled = fc
    .tuple(
      fc.nat(99),
      fc.array(word, { minLength: 5, maxLength: 5 }),
      fc.constantFrom('', '', '', ':go', ':b', '/', '/a'),
    )
    .map(([at, words, end]) => {
      const taken = routes[at % Math.max(1, routes.length)];
      if (!taken) return '/a';
      const path = segmentsOf(taken).map((one, index) => (one.startsWith('*') ? words[index % 5] : encodeURI(one)));
      return `/${path.join('/')}${taken.verb ? `:${encodeURI(taken.verb)}` : ''}${end}`;
    });
  const path = fc.oneof({ weight: 5, arbitrary: filled }, { weight: 1, arbitrary: anything });
  return fc.array(fc.tuple(fc.constantFrom(...METHODS.slice(0, 7), 'PUT'), path), { minLength: 20, maxLength: 20 });
}

/** The route that the router is given. */
export function toRoute({ httpMethod, pieces, verb }: SpecifiedRoute, binding = 0): Route {
  const text = pieces.map((piece, index) =>
    'segment' in piece
      ? piece.segment
      : `{f${index}${piece.variable.join('/') === '*' ? '' : `=${piece.variable.join('/')}`}}`,
  );
  const template = parseTemplate(`/${text.join('/')}${verb === undefined ? '' : `:${verb}`}`);
  const file = { proto: { name: 'any.proto' }, services: [] };
  const rpc = { name: 'A', parent: { typeName: 'any.A', methods: [], file } } as unknown as DescMethod;
  return { rpc, binding, httpMethod, template, variables: [], body: 'none', responseBody: undefined };
}

export function segmentsOf({ pieces }: SpecifiedRoute): string[] {
  return pieces.flatMap((piece) => ('segment' in piece ? [piece.segment] : piece.variable));
}

/** The kinds of a route's segments, for those of one kind are one place: `:` a literal, `v` a `*` in a variable. */
export function claimOf(route: SpecifiedRoute): string {
  const kinds = route.pieces.flatMap((piece) => {
    if ('segment' in piece)
      return [piece.segment === '*' || piece.segment === '**' ? piece.segment : `:${piece.segment}`];
    return piece.variable.map((one) => (one === '*' ? 'v' : one === '**' ? one : `:${one}`));
  });
  return JSON.stringify([route.httpMethod, route.verb, kinds]);
}

function endsWithColon(piece: SpecifiedPiece | undefined): boolean {
  return piece !== undefined && 'segment' in piece && piece.segment.includes(':');
}
