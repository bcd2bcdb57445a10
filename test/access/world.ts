import { until } from '#libs/testing';
import { type Account, expectStatus, Shop, textIn } from '../e2e/shop.js';

/** What exists before anybody is let in or turned away: an owner with an order, somebody else, an admin. */
export interface World {
  readonly shop: Shop;
  readonly owner: Account;
  readonly other: Account;
  readonly admin: Account;
  /** A customer whose session has ended: its token is dead, and not yet expired. */
  readonly signedOut: Account;
  readonly ownerId: string;
  /** A session of the owner, beside the one of its token. */
  readonly sessionId: string;
  /** A confirmed order of the owner. */
  readonly orderId: string;
  readonly sku: string;
  /** Another one each time. */
  newcomer(): Promise<Account>;
}

export async function makeWorld(url: string): Promise<World> {
  const shop = new Shop(url);
  const sku = await shop.product(1_000);
  const [owner, other, signedOut, admin] = await Promise.all([
    shop.signUp(),
    shop.signUp(),
    shop.signUp(),
    shop.admin(),
  ]);
  const placed = expectStatus(await shop.submit(owner.token, { sku }), 201);
  const orderId = textIn(placed, 'id');
  const ownerId = textIn(expectStatus(await shop.call('GET', '/v1/users/me', { token: owner.token }), 200), 'id');
  await shop.ended(owner.token, orderId);
  await shop.call('DELETE', '/v1/sessions/current', { token: signedOut.token });
  const dead = async () => (await shop.call('GET', '/v1/users/me', { token: signedOut.token })).status === 401;
  await until(dead, { what: 'the token of an ended session to be refused' });
  const second = await shop.signIn(owner.email, owner.password);
  const sessionId = sessionOf(second.token);
  return { sessionId, shop, owner, other, admin, signedOut, ownerId, orderId, sku, newcomer: () => shop.signUp() };
}

/** The `sid` claim. */
function sessionOf(token: string): string {
  const [, claims = ''] = token.split('.');
  return textIn(JSON.parse(Buffer.from(claims, 'base64url').toString()), 'sid');
}
