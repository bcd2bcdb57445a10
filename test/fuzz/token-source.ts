import { randomUUID } from 'node:crypto';

const CASES_PER_ACCOUNT = 1_000;

/** Access tokens of accounts made for this: some cases end sessions or delete accounts. */
export class TokenSource {
  private current: Promise<string | undefined> | undefined;
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** The token for a case; undefined where signing up is refused for the moment. */
  at(index: number): Promise<string | undefined> {
    if (index % CASES_PER_ACCOUNT === 0) this.current = undefined;
    this.current ??= this.signUp();
    return this.current;
  }

  private async signUp(): Promise<string | undefined> {
    const account = { email: `fuzz-${randomUUID()}@ineedthatfast.example`, password: randomUUID() };
    const created = await this.post('/v1/users', { ...account, name: 'Fuzz' });
    const session = created.ok ? await this.post('/v1/sessions', account) : created;
    const body: unknown = await session.json();
    const token = typeof body === 'object' && body !== null && 'accessToken' in body ? body.accessToken : undefined;
    return typeof token === 'string' ? token : undefined;
  }

  private post(path: string, body: object): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
}
