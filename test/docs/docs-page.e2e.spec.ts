import { readFileSync } from 'node:fs';
import { sharedStore, until } from '#libs/testing';
import { type Browser, type Page, startChromium } from '../client/chromium.js';
import { DocsPage } from './docs-page.js';

const document = readFileSync('docs/openapi.json', 'utf8');
const operations = [...document.matchAll(/"operationId": "([^"]+)"/g)].map((match) => String(match[1]));
const customer = { email: 'customer@ineedthatfast.example', password: 'ineedthatfast' };

describe('/docs in Chromium', () => {
  let url: string;
  let browser: Browser;
  let page: Page;
  let docs: DocsPage;
  /** What threw, what the console said, what the page's policy forbade. */
  const trouble: string[] = [];
  const requests: { url: string; headers?: Record<string, string> }[] = [];

  beforeAll(async () => {
    url = (await sharedStore()).gateway.url;
    browser = await startChromium();
    page = await browser.page();
    for (const event of ['Runtime.exceptionThrown', 'Runtime.consoleAPICalled', 'Log.entryAdded']) {
      await page.on(event, (told) => trouble.push(JSON.stringify(told)));
    }
    await page.on('Network.requestWillBeSent', ({ request }) => {
      requests.push(JSON.parse(JSON.stringify(request)));
    });
    await page.open(`${url}/docs`);
    docs = new DocsPage(page);
    const listed = async () => (await docs.operations()).length > 1;
    await until(listed, { timeout: 60_000, what: 'the list of operations' });
  }, 300_000);
  afterAll(() => browser?.close());

  it('shows every operation of the document; opened, what it takes and answers', async () => {
    expect((await docs.operations()).sort()).toEqual([...operations].sort());
    // The page is slow to open them: one of each kind. All of them are drawn by the same few parts.
    for (const operation of ['Users_UpdateMe', 'Inventory_ListProducts', 'Orders_PlaceOrder', 'Orders_WatchOrder']) {
      await docs.toggle(operation);
      await docs.shows(operation, '.execute');
      await docs.shows(operation, '.responses-table .response[data-code^="2"]');
      await docs.toggle(operation);
    }
    expect(await page.evaluate(`document.querySelectorAll('.errors-wrapper, .renderedMarkdown .error').length`)).toBe(
      0,
    );
  }, 200_000);

  it('lets a reader sign in, and sends the token from then on', async () => {
    const refused = await docs.tryIt('Users_ListSessions');
    expect([refused.status, refused.body]).toEqual([401, expect.stringContaining('UNAUTHENTICATED')]);
    trouble.length = 0; // Chromium tells of each answer with an error status

    expect(await docs.isAuthorized()).toBe(false);
    expect((await docs.tryIt('Users_CreateSession', customer)).status).toBe(201);
    await until(() => docs.isAuthorized(), { what: 'the page to take the token', timeout: 20_000 });
    const me = await docs.tryIt('Users_GetMe');
    expect([me.status, me.body]).toEqual([200, expect.stringContaining(customer.email)]);
  }, 200_000);

  it('gives an order a key of its own, not that of the example', async () => {
    const example = /"name": "Idempotency-Key".*?"example": "([^"]+)"/s.exec(document)?.[1];
    const order = { lines: [{ sku: 'espresso-machine', quantity: 1 }], paymentMethod: 'pm_card_visa' };
    expect(await docs.tryIt('Orders_PlaceOrder', order)).toMatchObject({ status: 201 });
    const sent = requests.map(({ headers }) => headers?.['Idempotency-Key']).find(Boolean);
    expect(example).toMatch(/^[\da-f-]{36}$/);
    expect(sent).toMatch(/^[\da-f-]{36}$/);
    expect(sent).not.toBe(example);
  }, 200_000);

  it('did so without an error, a breach of its policy, or a request to anybody else', async () => {
    expect(trouble).toEqual([]);
    const hosts = new Set(requests.map((request) => request.url).filter((asked) => !asked.startsWith('data:')));
    expect([...hosts].filter((asked) => !asked.startsWith(`${url}/`))).toEqual([]);
    expect(hosts).toContain(`${url}/openapi.json`);
  });

  it('would have been told of them', async () => {
    await page.evaluate(`document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.2:9/picture' }))`);
    await until(() => trouble.some((told) => told.includes('Content Security Policy')), {
      what: 'the breach to be told',
    });
    trouble.length = 0;
    await page.evaluate(`console.error('this')`);
    await until(() => trouble.some((told) => told.includes('this')), { what: 'the console to be heard' });
  });
});
