import { TestGateway } from '../../test/test-gateway.js';

describe('the reference of the gateway', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());

  it('is a document of what is served, which a client that has it does not get again', async () => {
    const response = await test.fetch('/openapi.json');
    expect(response.headers.get('content-type')).toBe('application/json');
    const document = await response.json();
    expect(document).toMatchObject({ openapi: '3.1.1', info: { title: 'INeedThatFast' } });
    expect(document).toHaveProperty(['paths', '/v1/orders/{id}:watch']);
    const etag = response.headers.get('etag') ?? '';
    expect((await test.fetch('/openapi.json', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('is a page that runs its own scripts alone, and names no other host', async () => {
    const page = await test.fetch('/docs');
    const html = await page.text();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/https?:|script-src[^;]*unsafe/);
    expect(html).not.toMatch(/<script>|https?:\/\//);
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => String(match[1]));
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect([part, (await test.fetch(part)).status]).toEqual([part, 200]);
  });
});

describe('a gateway whose reference is not public', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start({ REFERENCE_PUBLIC: 'false' });
  });
  afterAll(() => test?.close());

  it.each(['/openapi.json', '/docs', '/docs/start.js'])('has nothing at %s', async (path) => {
    expect((await test.fetch(path)).status).toBe(404);
  });
});
