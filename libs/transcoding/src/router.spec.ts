import { type Rule, toyMethod, toyRegistry } from '../test/toy.js';
import { Router, routesOf } from './index.js';

function routerOf(rules: Record<string, Rule>): Router {
  const registry = toyRegistry(rules);
  return new Router(Object.keys(rules).flatMap((name) => routesOf(toyMethod(registry, name))));
}

function reached(router: Router, method: string, path: string): unknown {
  const match = router.match(method, path);
  return match.kind === 'route' ? [match.route.rpc.name, ...match.variables] : match;
}

describe('the router', () => {
  it('prefers a literal to a variable, a variable to *, * to **', () => {
    const router = routerOf({
      Rest: { get: '/v1/**' },
      Star: { get: '/v1/*/pages' },
      Variable: { get: '/v1/{name}/pages' },
      Literal: { get: '/v1/me/pages' },
    });
    expect(reached(router, 'GET', '/v1/me/pages')).toEqual(['Literal']);
    expect(reached(router, 'GET', '/v1/you/pages')).toEqual(['Variable', 'you']);
    expect(reached(router, 'GET', '/v1/you')).toEqual(['Rest']);
    expect(reached(routerOf({ Star: { get: '/*' }, Rest: { get: '/**' } }), 'GET', '/a')).toEqual(['Star']);
  });

  it('goes back to a lesser path when a better one ends nowhere', () => {
    const router = routerOf({ A: { get: '/v1/me/pages' }, B: { get: '/v1/{name}/notes' } });
    expect(reached(router, 'GET', '/v1/me/notes')).toEqual(['B', 'me']);
  });

  it('gives a variable all the segments of its pattern', () => {
    const router = routerOf({ A: { get: '/v1/{name=shelves/*/books/**}' } });
    expect(reached(router, 'GET', '/v1/shelves/1/books/2/3')).toEqual(['A', 'shelves/1/books/2/3']);
    expect(reached(router, 'GET', '/v1/shelves/1/books')).toEqual(['A', 'shelves/1/books']);
    expect(reached(router, 'GET', '/v1/shelves/1')).toEqual({ kind: 'not-found' });
  });

  it('keeps %2F inside its segment', () => {
    const router = routerOf({ One: { get: '/v1/{name}' }, Two: { get: '/v1/{name}/pages' } });
    expect(reached(router, 'GET', '/v1/a%2Fpages')).toEqual(['One', 'a%2Fpages']);
    expect(reached(router, 'GET', '/v1%2Fa')).toEqual({ kind: 'not-found' });
  });

  it.each(['/v1/books/', '//v1/books', '/v1//books', '', '/', 'v1/books', '/v1/BOOKS', '/v1/%62ooks', '/v1/./books'])(
    'finds nothing at %p',
    (path) => {
      const router = routerOf({ A: { get: '/v1/books' }, B: { get: '/v1/books/**' } });
      expect(reached(router, 'GET', path)).toEqual({ kind: 'not-found' });
    },
  );

  it('tells the methods of a path that has others', () => {
    const router = routerOf({ A: { get: '/v1/{name}' }, B: { delete: '/v1/{name}' }, C: { post: '/v1/me' } });
    expect(reached(router, 'PATCH', '/v1/you')).toEqual({
      kind: 'method-not-allowed',
      allow: ['DELETE', 'GET', 'HEAD', 'OPTIONS'],
    });
    expect(reached(router, 'OPTIONS', '/v1/me')).toEqual({
      kind: 'options',
      allow: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST'],
    });
  });

  it('takes a lesser path whose method fits', () => {
    const router = routerOf({ Me: { get: '/v1/me' }, Any: { delete: '/v1/{name}' } });
    expect(reached(router, 'DELETE', '/v1/me')).toEqual(['Any', 'me']);
  });

  it('answers HEAD by GET, unless HEAD has a rule of its own', () => {
    const router = routerOf({
      A: { get: '/v1/a' },
      B: { get: '/v1/b' },
      C: { custom: { kind: 'HEAD', path: '/v1/b' } },
    });
    expect(reached(router, 'HEAD', '/v1/a')).toEqual(['A']);
    expect(reached(router, 'HEAD', '/v1/b')).toEqual(['C']);
  });

  it('lets a declared custom verb own its suffix', () => {
    const router = routerOf({ Get: { get: '/v1/{name}' }, Cancel: { post: '/v1/{name}:cancel' } });
    expect(reached(router, 'POST', '/v1/a:b:cancel')).toEqual(['Cancel', 'a:b']);
    expect(reached(router, 'GET', '/v1/a:other')).toEqual(['Get', 'a:other']);
    expect(reached(router, 'GET', '/v1/a%3Acancel')).toEqual(['Get', 'a%3Acancel']);
    expect(reached(router, 'GET', '/v1/a:cancel')).toEqual({ kind: 'method-not-allowed', allow: ['OPTIONS', 'POST'] });
    expect(reached(router, 'POST', '/v1/:cancel')).toEqual({
      kind: 'method-not-allowed',
      allow: ['GET', 'HEAD', 'OPTIONS'],
    });
  });

  it('reaches an RPC by its additional bindings', () => {
    const router = routerOf({ A: { get: '/v1/a', additionalBindings: [{ post: '/v2/a', body: '*' }] } });
    expect(reached(router, 'POST', '/v2/a')).toEqual(['A']);
  });

  it('refuses two routes for one path and names both', () => {
    expect(() => routerOf({ A: { get: '/v1/{name}' }, B: { get: '/v1/{paper=*}' } })).toThrow(
      'toy.Books.A (GET /v1/{name}) and toy.Books.B (GET /v1/{paper=*}) claim the same path',
    );
  });
});

describe('a rule that cannot be served', () => {
  it.each([
    [{ get: '/v1/{nam}' }, 'toy.Book has no field "nam"'],
    [{ get: '/v1/{author}' }, '"author" is no scalar field'],
    [{ get: '/v1/{tags}' }, '"tags" is no scalar field'],
    [{ get: '/v1/{name.first}' }, 'toy.Book has no field "name.first"'],
    [{ post: '/v1', body: 'boook' }, 'toy.Book has no field "boook"'],
    [{ get: '/v1', responseBody: 'boook' }, 'toy.Book has no field "boook"'],
    [{ get: '/v1/' }, 'path template "/v1/": "" is no segment'],
  ])('is refused by the name of its RPC: %j', (rule, problem) => {
    const registry = toyRegistry({ A: rule });
    expect(() => routesOf(toyMethod(registry, 'A'))).toThrow(`toy.Books.A: google.api.http: ${problem}`);
  });

  it('is fine below a prefix', () => {
    const registry = toyRegistry({ A: { get: '/v1/{author.first_name}' } });
    expect(routesOf(toyMethod(registry, 'A'), '/store').map(({ template }) => template.text)).toEqual([
      '/store/v1/{author.first_name}',
    ]);
  });
});
