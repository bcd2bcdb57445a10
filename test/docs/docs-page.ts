import { until } from '#libs/testing';
import type { Page } from '../client/chromium.js';

const ANSWERED = '.live-responses-table .response td.response-col_status';
const WAIT = { timeout: 60_000, interval: 100 };

/** The page /docs, used as a reader does: by clicks and typing. */
export class DocsPage {
  constructor(private readonly page: Page) {}

  /** The operations that it lists, as `Users_GetMe`. */
  async operations(): Promise<string[]> {
    const list = `[...document.querySelectorAll('.opblock')].map(({ id }) => id.split('-').at(-1)).join()`;
    return String(await this.page.evaluate(list)).split(',');
  }

  /** Opens or closes an operation. */
  async toggle(operation: string): Promise<void> {
    await this.page.evaluate(`${inside(operation, '.opblock-summary-control')}.click()`);
  }

  /** Waits until the operation shows it. */
  async shows(operation: string, selector: string): Promise<void> {
    const there = async () => (await this.page.evaluate(`Boolean(${inside(operation, selector)})`)) === true;
    await until(there, { ...WAIT, what: `${operation} to show ${selector}` });
  }

  /** Types a body, presses Execute: the answer that is shown. */
  async tryIt(operation: string, body?: object): Promise<{ status: number; body: string }> {
    await this.toggle(operation);
    await this.shows(operation, '.execute');
    if (body) await this.type(inside(operation, '.body-param__text'), JSON.stringify(body));
    await this.page.evaluate(`${inside(operation, '.execute')}.click()`);
    await this.shows(operation, ANSWERED);
    const text = (selector: string) => this.page.evaluate(`${inside(operation, selector)}?.textContent ?? ''`);
    return {
      status: Number.parseInt(String(await text(ANSWERED)), 10),
      body: String(await text('.live-responses-table .highlight-code')),
    };
  }

  /** True once the page sends an access token. */
  async isAuthorized(): Promise<boolean> {
    return (await this.page.evaluate(`Boolean(document.querySelector('.btn.authorize.locked'))`)) === true;
  }

  /** React hears what is typed, not what a script assigns: hence the setter of the element itself. */
  private async type(field: string, text: string): Promise<void> {
    await this.page.evaluate(`(() => {
      const field = ${field};
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, ${JSON.stringify(text)});
      field.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
  }
}

const inside = (operation: string, selector: string): string =>
  `document.querySelector('.opblock[id$="-${operation}"] ${selector}')`;
