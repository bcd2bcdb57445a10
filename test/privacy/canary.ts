import { randomUUID } from 'node:crypto';
import { until } from '#libs/testing';
import { type Answer, expectStatus, type Shop, textIn } from '../e2e/shop.js';

/** Somebody who uses every route of an account, and whose every word is told from all others. */
export class Canary {
  readonly words: Record<string, string>;
  token = '';

  constructor(
    private readonly shop: Shop,
    private readonly mailboxUrl: string,
    id = randomUUID().slice(0, 8),
  ) {
    this.words = {
      email: `canary-${id}@example.com`,
      'second email': `canary-second-${id}@example.com`,
      name: `Canary Bird ${id}`,
      'second name': `Canary Finch ${id}`,
      password: `canary-password-${id}`,
      'second password': `canary-second-password-${id}`,
      'third password': `canary-third-password-${id}`,
      'idempotency key': `canary-key-${id}`,
    };
  }

  word(name: string): string {
    const word = this.words[name];
    if (!word) throw new Error(`there is no word "${name}"`);
    return word;
  }

  async signUp(): Promise<void> {
    expectStatus(await this.askToSignUp(), 201);
  }

  private askToSignUp(): Promise<Answer> {
    const body = { email: this.word('email'), password: this.word('password'), name: this.word('name') };
    return this.shop.call('POST', '/v1/users', { body });
  }

  async signIn(email: string, password: string): Promise<void> {
    const { token, refreshToken } = await this.shop.signIn(this.word(email), this.word(password));
    this.token = token;
    this.remember('access token', token);
    this.remember('refresh token', refreshToken);
  }

  /** A call as this person. */
  call(method: string, path: string, body?: unknown, key?: string) {
    return this.shop.call(method, path, {
      token: this.token,
      ...(body === undefined ? {} : { body }),
      ...(key === undefined ? {} : { key }),
    });
  }

  /** The token of the newest mail with this subject to this address. */
  async mailedToken(email: string, subject: string): Promise<string> {
    const token = await until(
      async () => {
        const html = await (await fetch(this.mailboxUrl)).text();
        const articles = html
          .split('<article>')
          .filter((text) => text.includes(subject) && text.includes(this.word(email)));
        return /^[\w-]{43}$/m.exec(articles[0] ?? '')?.[0];
      },
      { what: `the mail "${subject}"`, timeout: 30_000 },
    );
    this.remember('mailed token', token);
    return token;
  }

  /** Every route that has to do with an account, well and badly used. */
  async useEverything(): Promise<void> {
    await this.signUp();
    expectStatus(await this.askToSignUp(), 409); // the address is taken now
    await this.signIn('email', 'password');
    await this.shop.call('POST', '/v1/sessions', { body: { email: this.word('email'), password: this.word('name') } });
    const verification = await this.mailedToken('email', 'Is this your address?');
    await this.shop.call('POST', '/v1/users:verifyEmail', { body: { token: verification } });
    await this.shop.call('POST', '/v1/users:verifyEmail', { body: { token: verification } });
    await this.call('POST', '/v1/users/me:sendVerification', {});
    await this.call('PATCH', '/v1/users/me', { name: this.word('second name'), email: this.word('second email') });
    await this.call('PATCH', '/v1/users/me', { email: this.word('name') }); // no address
    await this.mailedToken('second email', 'Is this your address?');
    const change = { currentPassword: this.word('password'), newPassword: this.word('second password') };
    await this.call('POST', '/v1/users/me:changePassword', change);
    await this.call('POST', '/v1/users/me:changePassword', change); // no longer the password
    await this.shop.call('POST', '/v1/users:requestPasswordReset', { body: { email: this.word('email') } });
    const reset = { token: await this.mailedToken('email', 'A new password'), password: this.word('third password') };
    expectStatus(await this.shop.call('POST', '/v1/users:resetPassword', { body: reset }), 200);
    await this.shop.call('POST', '/v1/users:resetPassword', { body: reset });
    await this.signIn('email', 'third password');
    const { token } = await this.shop.admin();
    const path = `/v1/users?email=${encodeURIComponent(this.word('email'))}`;
    const list = expectStatus(await this.shop.call('GET', path, { token }), 200);
    const id = textIn((list.users as Record<string, unknown>[])[0], 'id');
    for (const verb of ['grantRole', 'revokeRole']) {
      expectStatus(await this.shop.call('POST', `/v1/users/${id}:${verb}`, { token, body: { role: 'ADMIN' } }), 200);
    }
    await this.signIn('email', 'third password');
    expectStatus(await this.call('GET', '/v1/users/me:export'), 200);
  }

  private remember(what: string, word: string): void {
    this.words[`${what} ${Object.keys(this.words).length}`] = word;
  }
}
