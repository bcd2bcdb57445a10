import { testFolder } from '#libs/testing';
import { LibraryGateway } from '../../test/library-gateway.js';
import { rawRequest } from '../../test/raw-request.js';
import { compileLibrary, TestLibrary } from '../../test/test-library.js';

const BINDINGS = `option (google.api.http) = {
  get: "/v1/books/{name}"
  additional_bindings { get: "/v1/shelves/{name=**}" }
  additional_bindings { get: "/v1/ü/{name}" }
  additional_bindings { custom { kind: "PURGE" path: "/v1/books/{name}" } }
  additional_bindings { custom { kind: "TRACE" path: "/v1/books/{name}" } }
  additional_bindings { custom { kind: "OPTIONS" path: "/v1/told/{name}" } }
  additional_bindings { custom { kind: "HEAD" path: "/v1/told/{name}" } }
  additional_bindings { custom { kind: "*" path: "/v1/any/{name}" } }
};`;

// Where HTTP itself has a say: node's parser, the edge and the router together.
describe.each(['strict', 'google'])('the rules of http.proto over HTTP, in the dialect %s', (dialect) => {
  let gateway: LibraryGateway;
  let library: TestLibrary;
  beforeAll(async () => {
    const folder = await testFolder();
    const edited = compileLibrary(folder, (proto) =>
      proto.replace('option (google.api.http) = { get: "/v1/books/{name}" };', BINDINGS),
    );
    library = await TestLibrary.start(edited);
    gateway = await new LibraryGateway(folder).start(
      JSON.stringify({
        apis: [
          {
            ...{ name: 'library', descriptors: 'library.binpb', dialect },
            ...{ defaultPolicy: { public: true }, allowPublicDefault: true },
            upstreams: { 'library.v1.Library': { address: library.address } },
          },
        ],
        outgoing: { allow: ['127.0.0.1'], allowLocal: true },
      }),
    );
  });
  afterAll(async () => {
    await gateway?.close();
    library?.close();
  });

  const ask = async (method: string, target: string) => {
    const head = `${method} ${target} HTTP/1.1\r\nHost: library.example\r\nConnection: close\r\n\r\n`;
    const { status, head: answer, body } = await rawRequest(gateway.running.url, head);
    const allow = /^allow: (.*)$/im.exec(answer)?.[1]?.trim();
    // In google an empty name is left out.
    const name: unknown = status === 200 && body !== '' ? (JSON.parse(body).name ?? '') : undefined;
    return [status, name ?? allow];
  };

  it.each([
    ['%2F in a segment stays in it', 'GET', '/v1/books/a%2Fb%20c', [200, 'a/b c']],
    ['%2F in several segments stays encoded', 'GET', '/v1/shelves/a/b%2Fc', [200, 'a/b%2Fc']],
    ['%2F never changes the route', 'GET', '/v1%2Fbooks/a', [404, undefined]],
    ['a literal is sent percent-encoded', 'GET', '/v1/%c3%bc/a', [200, 'a']],
    ['a broken encoding is the fault of its field', 'GET', '/v1/books/%zz', [400, undefined]],
    ['an empty segment is none', 'GET', '/v1//books/a', [404, undefined]],
    ['two slashes at the beginning are no authority', 'GET', '//v1/books/a', [404, undefined]],
    ['a slash at the end is a segment too many', 'GET', '/v1/books/a/', [404, undefined]],
    ['** may be nothing', 'GET', '/v1/shelves', [200, '']],
    ['dots are segments like any other, for a client resolves them', 'GET', '/v1/books/..', [200, '..']],
    ['the query has no part in the path', 'GET', '/v1/books/a?name=b', [200, 'a']],
    ['an absolute target has a path too', 'GET', 'http://library.example/v1/books/a', [200, 'a']],
    ['HEAD is answered by GET, without its body', 'HEAD', '/v1/books/a', [200, undefined]],
    ['OPTIONS tells the methods', 'OPTIONS', '/v1/books/a', [204, 'GET, HEAD, OPTIONS, PURGE, TRACE']],
    [
      'another method is refused with those that are there',
      'PUT',
      '/v1/books/a',
      [405, 'GET, HEAD, OPTIONS, PURGE, TRACE'],
    ],
    ['a custom kind is a method', 'PURGE', '/v1/books/a', [200, 'a']],
    ['TRACE may be one', 'TRACE', '/v1/books/a', [200, 'a']],
    ['OPTIONS may be one', 'OPTIONS', '/v1/told/a', [200, 'a']],
    ['HEAD may be one', 'HEAD', '/v1/told/a', [200, undefined]],
    ['which has no GET then', 'GET', '/v1/told/a', [405, 'HEAD, OPTIONS']],
    ['the kind * takes what is left', 'DELETE', '/v1/any/a', [200, 'a']],
    ['and what few have heard of', 'PROPFIND', '/v1/any/a', [200, 'a']],
    ['but no method that HTTP/1.1 cannot read here', 'APPROVE', '/v1/any/a', [400, undefined]],
  ])('%s: %s %s', async (_rule, method, target, outcome) => {
    expect(await ask(method, target)).toEqual(outcome);
  });
});
