import { randomUUID } from 'node:crypto';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined where it is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
}

export interface Call {
  readonly token?: string;
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Submit {
  readonly sku: string;
  readonly quantity?: number;
  readonly paymentMethod?: string;
  readonly key?: string;
  readonly wait?: number;
}

/**
 * What a client of the store can do: over HTTP, and in no other way. Needs nothing but Node, so that it also runs from its source
 * in a container that has no libs for tests.
 */
export class ShopClient {
  readonly url: string;
  private administrator: Promise<Account> | undefined;

  constructor(url: string) {
    this.url = url;
  }

  async call(method: string, path: string, { token, key, body, headers = {} }: Call = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...headers,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(40_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  /** A new customer, signed in. */
  async signUp(email = `buyer-${randomUUID()}@example.com`, password = `password ${randomUUID()}`): Promise<Account> {
    expectStatus(await this.call('POST', '/v1/users', { body: { email, password, name: 'A Buyer' } }), 201);
    return this.signIn(email, password);
  }

  async signIn(email: string, password: string): Promise<Account> {
    const session = expectStatus(await this.call('POST', '/v1/sessions', { body: { email, password } }), 201);
    return { email, password, token: textIn(session, 'accessToken'), refreshToken: textIn(session, 'refreshToken') };
  }

  admin(): Promise<Account> {
    this.administrator ??= this.signIn('admin@ineedthatfast.example', 'ineedthatfast');
    return this.administrator;
  }

  /** A product with so many units in the warehouse `main`; its sku. */
  async product(units: number): Promise<string> {
    const { token } = await this.admin();
    const sku = `test-${randomUUID().slice(0, 8)}`;
    const price = { currencyCode: 'USD', minorUnits: '1999' };
    expectStatus(await this.call('POST', '/v1/products', { token, body: { sku, title: 'A thing', price } }), 201);
    const body = { warehouse: 'main', delta: units, reason: 'delivery' };
    expectStatus(await this.call('POST', `/v1/products/${sku}:adjustStock`, { token, body }), 200);
    return sku;
  }

  submit(token: string, { sku, quantity = 1, paymentMethod = 'pm_card_visa', key, wait }: Submit): Promise<Answer> {
    return this.call('POST', '/v1/orders', {
      token,
      key: key ?? randomUUID(),
      body: { lines: [{ sku, quantity }], paymentMethod },
      headers: wait ? { prefer: `wait=${wait}` } : {},
    });
  }

  async order(token: string, id: string): Promise<Readonly<Record<string, unknown>>> {
    return expectStatus(await this.call('GET', `/v1/orders/${id}`, { token }), 200);
  }
}

/** The body of an answer with this status. @throws with the whole answer when the status is another */
export function expectStatus(answer: Answer, status: number): Readonly<Record<string, unknown>> {
  if (answer.status !== status || !answer.body)
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer.body;
}

export function textIn(body: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const value = body?.[name];
  if (typeof value !== 'string') throw new Error(`no text "${name}" in ${JSON.stringify(body)}`);
  return value;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
