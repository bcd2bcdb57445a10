import { toyMethod, toyRegistry } from '../../test/toy.js';
import { LenientRouter, Router, routesOf } from '../index.js';

const registry = toyRegistry({
  A: { get: '/v1/{name=shelves/*/books/*}' },
  B: { get: '/v1/books/{name}' },
  C: { post: '/v1/books/{name}:sell' },
  D: { get: '/v1/files/{name=**}' },
  S: { get: '/strict/{name}' },
});
const routesOfAll = (...names: string[]) => names.flatMap((name) => routesOf(toyMethod(registry, name)));
const lenient = routesOfAll('A', 'B', 'C', 'D');
const router = new LenientRouter(new Router([...lenient, ...routesOfAll('S')]), lenient);

function match(method: string, path: string): string {
  const matched = router.match(method, path);
  return matched.kind === 'route' ? `${matched.route.rpc.name} ${matched.variables.join('|')}` : matched.kind;
}

describe('a lenient router', () => {
  it.each([
    ['GET', '/v1/books/a', 'B a'],
    ['GET', '/v1/books/a%20b', 'B a b'],
    ['GET', '/v1/shelves%2F1/books/2', 'A shelves/1/books/2'],
    ['GET', '/v1/books/a%2Fb', 'not-found'],
    ['GET', '/v1/books/a%252Fb', 'B a%252Fb'],
    ['GET', '/v1/books/', 'B '],
    ['GET', '/v1/shelves//books/', 'A shelves//books/'],
    ['GET', '/v1/books/a:sell', 'B a:sell'],
    ['POST', '/v1/books/a%3Asell', 'C a'],
    ['POST', '/v1/books/:sell', 'method-not-allowed'],
    ['DELETE', '/v1/books/', 'method-not-allowed'],
    ['GET', '/v1/files', 'D '],
    ['GET', '/v1/files//a', 'D /a'],
    ['GET', '/v1/books/%zz', 'not-found'],
    ['GET', '/v1//books/a', 'not-found'],
  ])('leads %s %s to %s', (method, path, found) => {
    expect(match(method, path)).toBe(found);
  });

  it('keeps to the letter for all other routes', () => {
    expect(match('GET', '/strict/a%2Fb')).toBe('S a%2Fb');
    expect(match('GET', '/strict/')).toBe('not-found');
  });
});
