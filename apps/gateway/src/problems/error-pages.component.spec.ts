import { DomainError, ERRORS, isErrorCode } from '#libs/errors';
import { testFolder } from '#libs/testing';
import { problemOf } from '../../test/problem-of.js';
import { storeConfig } from '../../test/store-config.js';
import { TestGateway } from '../../test/test-gateway.js';

const CODES = Object.keys(ERRORS).filter(isErrorCode);

describe('the type of a problem document', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());

  it.each(CODES)('leads to the entry of %s', async (code) => {
    test.upstream.answer('GetProduct', () => {
      throw new DomainError(code);
    });
    const { type, title, status } = await problemOf(await test.fetch('/v1/products/mug'));
    // As RFC 9457 has it: resolved against the address of the request.
    const entry = new URL(type, `${test.running.url}/v1/products/mug`);
    const json = await fetch(entry, { headers: { accept: 'application/json' } });
    expect(json.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
    expect(json.headers.get('vary')).toContain('Accept');
    const told = await json.json();
    expect(told).toMatchObject({ type, code, title, status });
    expect(told).toHaveProperty('advice', expect.stringMatching(/\.$/));
    const html = await fetch(entry, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await html.text()).toContain(`<h1>${code}</h1>`);
  });

  it('leads to a list of all as well', async () => {
    const all = await test.fetch('/errors', { headers: { accept: 'application/json' } });
    expect(await all.json()).toMatchObject({ errors: CODES.map((code) => ({ code })) });
    const page = await (await test.fetch('/errors')).text();
    for (const code of CODES) expect(page).toContain(`<a href="/errors/${code}">`);
    expect(page).not.toContain('undefined');
  });

  it('of an unknown code leads nowhere', async () => {
    expect((await problemOf(await test.fetch('/errors/NO_SUCH_CODE'))).code).toBe('ROUTE_NOT_FOUND');
    expect((await problemOf(await test.fetch('/errors/'))).code).toBe('ROUTE_NOT_FOUND');
  });
});

it('the type of a problem document leads to its entry where the API has a prefix, too', async () => {
  const folder = await testFolder();
  const config = storeConfig(folder, (yaml) => yaml.replace('prefix: ""', 'prefix: /shop/api'));
  const test = await TestGateway.start({ GATEWAY_CONFIG: config });
  try {
    expect((await test.fetch('/shop/api/v1/products')).status).toBe(200);
    const problem = await problemOf(await test.fetch('/shop/api/v1/products?a=b'));
    const entry = await fetch(new URL(problem.type, `${test.running.url}/shop/api/v1/products`));
    expect([problem.type, entry.status]).toEqual(['/errors/UNKNOWN_FIELD', 200]);
  } finally {
    await test.close();
  }
});
