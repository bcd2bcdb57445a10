import { ProblemError, StoreClient } from '#libs/client';
import { sharedStore } from '#libs/testing';
import { type Browser, type Page, startChromium } from './chromium.js';
import { type PageServer, servePages } from './page-server.js';
import { tests } from './shopping.suite.js';

const names = Object.keys(tests);

describe('the client in Node', () => {
  let url: string;
  beforeAll(async () => {
    url = (await sharedStore()).gateway.url;
  }, 300_000);

  it.each(names)('%s', async (name) => tests[name]?.({ url, StoreClient, ProblemError }), 90_000);
});

describe('the client in Chromium, on a page of another origin', () => {
  let url: string;
  let pages: PageServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    url = (await sharedStore()).gateway.url;
    pages = await servePages();
    browser = await startChromium();
    page = await browser.page();
    await page.open(pages.origin);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });

  it.each(names)(
    '%s',
    async (name) => {
      const place = `{ url: ${JSON.stringify(url)}, StoreClient, ProblemError }`;
      await page.evaluate(`(async () => {
        const { StoreClient, ProblemError } = await import('/libs/client/src/index.js');
        const { tests } = await import('/test/client/shopping.suite.js');
        await tests[${JSON.stringify(name)}](${place});
      })()`);
    },
    90_000,
  );
});
