import { join } from 'node:path';
import { testFolder } from '#libs/testing';
import { LibraryGateway } from '../test/library-gateway.js';
import { compileLibrary, TestLibrary } from '../test/test-library.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the dialect of an API', () => {
  let library: TestLibrary;
  let gateway: LibraryGateway;
  let folder: string;
  beforeAll(async () => {
    folder = await testFolder();
    library = await TestLibrary.start(compileLibrary(folder));
    gateway = await new LibraryGateway(folder).start(config());
  });
  afterAll(async () => {
    await gateway?.close();
    library?.close();
  });

  /** The same library twice: below /go and below /strict. */
  const config = () =>
    JSON.stringify({
      apis: [
        { name: 'go', prefix: '/go', dialect: 'grpc-gateway', ...api() },
        { name: 'strict', prefix: '/strict', ...api() },
      ],
      outgoing: { allow: ['127.0.0.1'], allowLocal: true },
    });
  const api = () => ({
    descriptors: join(folder, 'library.binpb'),
    upstreams: { 'library.v1.Library': library.address },
    defaultPolicy: { public: true },
    allowPublicDefault: true,
  });
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(gateway.running.url + path, init);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  it('lets unknown parameters pass for clients of grpc-gateway alone', async () => {
    expect(await ask('/go/v1/books/dune?nobody=1')).toMatchObject({ status: 200 });
    expect(await ask('/strict/v1/books/dune?nobody=1')).toMatchObject({
      status: 400,
      type: 'application/problem+json',
    });
  });

  it('takes a form in place of a query, and the method that a header names', async () => {
    const posted = { method: 'POST', headers: FORM, body: 'nobody=1' };
    expect(JSON.parse((await ask('/go/v1/books/dune', posted)).text)).toMatchObject({ name: 'dune' });
    const named = { ...posted, headers: { ...FORM, 'x-http-method-override': 'get' } };
    expect(await ask('/go/v1/books/dune', named)).toMatchObject({ status: 200 });
    expect(await ask('/go/v1/books/dune', { ...named, headers: { 'x-http-method-override': 'get' } })).toMatchObject({
      status: 501,
    });
    expect(await ask('/strict/v1/books/dune', named)).toMatchObject({ status: 405 });
  });

  it('decodes a path before it is taken apart', async () => {
    expect(await ask('/go/v1%2Fbooks%2Fdune')).toMatchObject({ status: 200 });
    expect(await ask('/strict/v1%2Fbooks%2Fdune')).toMatchObject({ status: 404 });
  });

  it.each([
    ['GET', '/go/v1/none', 404, 5],
    ['PUT', '/go/v1/books/dune', 501, 12],
    ['GET', '/go/v1/books/dune?name=%zz', 200, undefined],
  ])('answers %s %s with %i and code %s, as google.rpc.Status', async (method, path, status, code) => {
    const answer = await ask(path, { method });
    expect([answer.status, answer.type]).toEqual([status, 'application/json']);
    expect(JSON.parse(answer.text).code).toBe(code);
  });

  it('tells a refusal below a strict prefix as a problem', async () => {
    expect(await ask('/strict/v1/none')).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(await ask('/elsewhere')).toMatchObject({ status: 404, type: 'application/problem+json' });
  });
});
