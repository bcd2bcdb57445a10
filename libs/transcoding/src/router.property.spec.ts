import fc from 'fast-check';
import { requests, routeSet, type SpecifiedRoute, segmentsOf, toRoute } from '../test/route-sets.js';
import { ANY_METHOD, Router } from './index.js';

// ROUTER_RUNS=100000 npm run test:unit -- router.property tries for minutes; fast-check prints the seed of what fails.
const RUNS = Number(process.env.ROUTER_RUNS ?? 500);

type Outcome =
  | { route: number; variables: string[] }
  | { kind: 'method-not-allowed' | 'options'; allow: string[] }
  | { kind: 'not-found' };

/** What the grammar and the precedence say, by one regular expression for each template and a sort of all that fit. */
function specified(routes: readonly SpecifiedRoute[], method: string, path: string): Outcome {
  const fitting = routes.flatMap((route, index) => {
    const match = patternOf(route).exec(path.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase()));
    if (!match || /\/(\/|$)/.test(path)) return [];
    return [{ index, route, variables: valuesOf(route, path) }];
  });
  const withVerb = fitting.filter(({ route }) => route.verb !== undefined);
  const [...candidates] = withVerb.length > 0 ? withVerb : fitting;
  if (candidates.length === 0) return { kind: 'not-found' };
  const serving = candidates.filter(({ route }) => rankOfMethod(route, method) < 3);
  serving.sort((a, b) => byPath(a.route, b.route) || rankOfMethod(a.route, method) - rankOfMethod(b.route, method));
  if (serving[0]) return { route: serving[0].index, variables: serving[0].variables };
  const methods = candidates.map(({ route }) => route.httpMethod);
  const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
  return { kind: method === 'OPTIONS' ? 'options' : 'method-not-allowed', allow };
}

function patternOf(route: SpecifiedRoute): RegExp {
  const parts = segmentsOf(route).map((segment) => {
    if (segment === '*') return '/[^/]+';
    if (segment === '**') return '(?:/[^/]+(?:/[^/]+)*)?';
    return `/${encodeURI(segment)
      .replace('%252F', '%2F')
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  });
  return new RegExp(`^${parts.join('')}${route.verb === undefined ? '' : `:${encodeURI(route.verb)}`}$`);
}

/** The values of the variables, from the path as it was sent. */
function valuesOf(route: SpecifiedRoute, path: string): string[] {
  const stem = route.verb === undefined ? path : path.slice(0, path.lastIndexOf(':'));
  const segments = stem.slice(1).split('/');
  let at = 0;
  return route.pieces.flatMap((piece) => {
    const length = 'segment' in piece ? 1 : piece.variable.length;
    const isRest = 'variable' in piece && piece.variable.at(-1) === '**';
    const value = segments.slice(at, isRest ? undefined : at + length).join('/');
    at += length;
    return 'segment' in piece ? [] : [value];
  });
}

function rankOfMethod({ httpMethod }: SpecifiedRoute, method: string): number {
  if (httpMethod === method) return 0;
  if (method === 'HEAD' && httpMethod === 'GET') return 1;
  return httpMethod === ANY_METHOD ? 2 : 3;
}

/** Literal, variable, `*`, the end of the template, `**`: the first difference decides. */
function byPath(a: SpecifiedRoute, b: SpecifiedRoute): number {
  const [one, other] = [ranksOf(a), ranksOf(b)];
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const difference = (one[i] ?? 3) - (other[i] ?? 3);
    if (difference !== 0) return difference;
  }
  return 0;
}

function ranksOf({ pieces }: SpecifiedRoute): number[] {
  return pieces.flatMap((piece) => {
    if ('segment' in piece) return [piece.segment === '**' ? 4 : piece.segment === '*' ? 2 : 0];
    return piece.variable.map((segment) => (segment === '**' ? 4 : segment === '*' ? 1 : 0));
  });
}

describe('for any set of templates', () => {
  it('the router finds what the specification says', () => {
    const seen = { found: 0, refused: 0, nothing: 0 };
    const cases = routeSet.chain((routes) => fc.record({ routes: fc.constant(routes), asked: requests(routes) }));
    fc.assert(
      fc.property(cases, ({ routes, asked }) => {
        const made = routes.map((route) => toRoute(route));
        const router = new Router(made);
        for (const [method, path] of asked) {
          const match = router.match(method, path);
          const outcome: Outcome =
            match.kind === 'route'
              ? { route: made.indexOf(match.route), variables: [...match.variables] }
              : match.kind === 'not-found'
                ? match
                : { kind: match.kind, allow: [...match.allow] };
          expect([method, path, outcome]).toEqual([method, path, specified(routes, method, path)]);
          seen[match.kind === 'route' ? 'found' : match.kind === 'not-found' ? 'nothing' : 'refused']++;
        }
      }),
      { numRuns: RUNS },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS);
  });

  it('two routes for one place are refused, whatever is beside them', () => {
    fc.assert(
      fc.property(
        routeSet.filter(({ length }) => length > 0),
        fc.nat(99),
        (routes, at) => {
          const twice = routes[at % routes.length];
          if (!twice) return;
          const made = [...routes, twice].map((route, binding) => toRoute(route, binding));
          expect(() => new Router(made)).toThrow('claim the same path');
        },
      ),
      { numRuns: RUNS / 5 },
    );
  });
});
