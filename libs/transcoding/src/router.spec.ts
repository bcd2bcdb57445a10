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

  it('serves any method by the kind *, where none of its own is there', () => {
    const router = routerOf({
      Any: { custom: { kind: '*', path: '/v1/pages/{name=**}' } },
      Get: { get: '/v1/pages/{name}' },
      Rest: { post: '/v1/**' },
    });
    expect(reached(router, 'POST', '/v1/pages/a')).toEqual(['Any', 'a']);
    expect(reached(router, 'POST', '/v1/page/a')).toEqual(['Rest']);
    expect(reached(router, 'HEAD', '/v1/pages/a')).toEqual(['Get', 'a']);
    expect(reached(router, 'POST', '/v1/pages/a/b')).toEqual(['Any', 'a/b']);
    expect(reached(router, 'OPTIONS', '/v1/pages/a/b')).toEqual(['Any', 'a/b']);
    expect(reached(router, 'FETCH', '/v1/pages')).toEqual(['Any', '']);
    expect(reached(router, 'FETCH', '/v1')).toEqual({ kind: 'method-not-allowed', allow: ['OPTIONS', 'POST'] });
  });

  it.each(['HEAD', 'OPTIONS', 'TRACE', 'PURGE', 'approve'])('takes the custom kind %s', (kind) => {
    const router = routerOf({ A: { custom: { kind, path: '/v1/{name}' } }, B: { get: '/v1/{name}' } });
    expect(reached(router, kind.toUpperCase(), '/v1/a')).toEqual(['A', 'a']);
  });

  it('has ** of no segment before a verb too', () => {
    const router = routerOf({ A: { post: '/v1/{name=**}:move' } });
    expect(reached(router, 'POST', '/v1/a/b:move')).toEqual(['A', 'a/b']);
    expect(reached(router, 'POST', '/v1:move')).toEqual(['A', '']);
    expect(reached(router, 'POST', '/v1/:move')).toEqual({ kind: 'not-found' });
    expect(reached(router, 'POST', '/v1/a')).toEqual({ kind: 'not-found' });
  });

  it('compares a literal that has to be encoded in its one encoding, whatever the case of its digits', () => {
    const router = routerOf({ A: { get: '/v1/café/a b/{name}:größe' } });
    expect(reached(router, 'GET', '/v1/caf%C3%A9/a%20b/%c3%a9:gr%C3%B6%C3%9Fe')).toEqual(['A', '%c3%a9']);
    expect(reached(router, 'GET', '/v1/caf%c3%a9/a%20b/x:gr%c3%b6%c3%9fe')).toEqual(['A', 'x']);
    expect(reached(router, 'GET', '/v1/café/a b/x:größe')).toEqual({ kind: 'not-found' });
    expect(reached(routerOf({ A: { get: '/v1/a%2fb' } }), 'GET', '/v1/a%2Fb')).toEqual(['A']);
  });

  it('refuses all routes that claim what others have, and names both places of each', () => {
    const rules: Record<string, Rule> = {
      A: { get: '/v1/{name}', additionalBindings: [{ post: '/v2/a', body: '*' }, { post: '/v2/a' }] },
      B: { get: '/v1/{paper=*}', additionalBindings: [{ custom: { kind: '*', path: '/v3/*' } }] },
      C: { custom: { kind: '*', path: '/v3/*' } },
    };
    expect(() => routerOf(rules)).toThrow(
      [
        'toy.proto toy.Books.A (POST /v2/a, additional binding 1) and toy.proto toy.Books.A (POST /v2/a, additional binding 2) claim the same path',
        'toy.proto toy.Books.A (GET /v1/{name}) and toy.proto toy.Books.B (GET /v1/{paper=*}) claim the same path',
        'toy.proto toy.Books.B (any method /v3/*, additional binding 1) and toy.proto toy.Books.C (any method /v3/*) claim the same path',
      ].join('\n'),
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
    [
      { get: '/v1/{author.first_name}/{author.firstName}' },
      '/v1/{author.first_name}/{author.firstName} binds "author.firstName" twice',
    ],
    [{ get: '/v1', body: '*' }, 'GET has no body to map'],
    [{ custom: { kind: 'trace', path: '/v1' }, body: 'name' }, 'TRACE has no body to map'],
    [{ custom: { kind: 'connect', path: '/v1' } }, 'CONNECT asks for a tunnel and has no path'],
    [{ custom: { kind: 'GET IT', path: '/v1' } }, 'the custom kind "GET IT" is no HTTP method'],
    [{ custom: { path: '/v1' } }, 'the custom kind "" is no HTTP method'],
    [{ additionalBindings: [{ get: '/v1' }] }, 'a binding has no path'],
    [
      { get: '/v1', additionalBindings: [{ get: '/v2', additionalBindings: [{ get: '/v3' }] }] },
      'an additional binding has additional bindings of its own',
    ],
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
