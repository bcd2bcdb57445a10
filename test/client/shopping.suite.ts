// Runs in Node and in a browser as it is: of this repository it imports types alone, and what stands beside it.
import type { Answer, StoreClient as Client, Tokens } from '#libs/client';
import { expectEqual, expectTrue, rejection } from './expect.js';

/** What the two places differ in. */
export interface Place {
  readonly url: string;
  readonly StoreClient: typeof Client;
  readonly ProblemError: typeof import('#libs/client').ProblemError;
}

const credentials = () => ({
  email: `client-${crypto.randomUUID()}@example.com`,
  password: `password ${crypto.randomUUID()}`,
});

async function customer(
  { url, StoreClient }: Place,
  options: { onTokens?: (tokens: Tokens | undefined) => void } = {},
) {
  const store = new StoreClient({ url, ...options });
  const account = credentials();
  await store.users.createUser(account);
  await store.signIn(account);
  return store;
}

async function product({ url, StoreClient }: Place, units: number): Promise<string> {
  const admin = new StoreClient({ url });
  await admin.signIn({ email: 'admin@ineedthatfast.example', password: 'ineedthatfast' });
  const sku = `client-${crypto.randomUUID().slice(0, 8)}`;
  await admin.inventory.createProduct({ sku, title: 'A thing', price: { currencyCode: 'USD', minorUnits: '1999' } });
  await admin.inventory.adjustStock({ sku, warehouse: 'main', delta: units, reason: 'delivery' });
  return sku;
}

const one = (sku: string) => ({ lines: [{ sku, quantity: 1 }], paymentMethod: 'pm_card_visa' });

/** By name; each throws when it fails. */
export const tests: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  async 'shops: sign-up, order, live status, confirmed'(place) {
    const sku = await product(place, 3);
    const store = await customer(place);
    const order = await store.orders.placeOrder(one(sku));
    const states: (string | undefined)[] = [];
    for await (const { order: now } of store.orders.watchOrder({ id: order.id })) states.push(now?.state);
    expectEqual(states, ['PENDING', 'CONFIRMED'], 'states');
    expectEqual(
      (await store.orders.getOrder({ id: order.id })).total,
      { currencyCode: 'USD', minorUnits: '1999' },
      'total',
    );
    expectEqual((await store.payments.getPayment({ orderId: order.id })).state, 'SUCCEEDED', 'payment');
    expectEqual((await store.inventory.getProduct({ sku })).available, 2, 'available');
  },

  async 'waits for the outcome of an order, and reads the headers of its answer'(place) {
    const sku = await product(place, 1);
    const store = await customer(place);
    const answers: Answer[] = [];
    const order = await store.orders.placeOrder(one(sku), { wait: 20, onAnswer: (answer) => answers.push(answer) });
    expectEqual(order.state, 'CONFIRMED', 'state');
    const [answer] = answers;
    expectEqual(answer?.status, 201, 'status');
    expectEqual(answer?.headers.get('location'), `/v1/orders/${order.id}`, 'location');
    expectEqual(answer?.headers.get('preference-applied'), 'wait=20', 'preference');
    expectTrue(/^[0-9a-f]{32}$/.test(answer?.traceId ?? ''), 'a trace id');
  },

  async 'makes one order of two calls under one key'(place) {
    const sku = await product(place, 5);
    const store = await customer(place);
    const idempotencyKey = crypto.randomUUID();
    const replayed: (string | null)[] = [];
    const onAnswer = ({ headers }: Answer) => replayed.push(headers.get('idempotent-replayed'));
    const first = await store.orders.placeOrder(one(sku), { idempotencyKey, onAnswer });
    const second = await store.orders.placeOrder(one(sku), { idempotencyKey, onAnswer });
    expectEqual(second.id, first.id, 'id');
    expectEqual(replayed, [null, 'true'], 'replayed');
    const { orders } = await store.orders.listOrders();
    expectEqual(orders.length, 1, 'orders');
  },

  async 'is told problems with code, fields and trace'(place) {
    const store = await customer(place);
    const bad = await rejection(store.orders.placeOrder({ lines: [], paymentMethod: 'cash' }));
    if (!(bad instanceof place.ProblemError)) throw new Error(`no problem: ${bad}`);
    expectEqual([bad.status, bad.code], [400, 'VALIDATION_FAILED'], 'problem');
    expectEqual(bad.violations.map(({ field }) => field).sort(), ['lines', 'paymentMethod'], 'fields');
    expectTrue(/^[0-9a-f]{32}$/.test(bad.traceId ?? ''), 'a trace id');
    const none = await rejection(store.orders.getOrder({ id: crypto.randomUUID() }));
    expectTrue(none instanceof place.ProblemError && none.is('ORDER_NOT_FOUND'), 'ORDER_NOT_FOUND');
    const closed = await rejection(
      store.inventory.createProduct({ sku: 'x', title: 'x', price: { currencyCode: 'USD' } }),
    );
    expectTrue(closed instanceof place.ProblemError && closed.is('PERMISSION_DENIED'), 'PERMISSION_DENIED');
    const wrong = await rejection(store.signIn({ ...credentials() }));
    expectTrue(wrong instanceof place.ProblemError && wrong.is('WRONG_CREDENTIALS'), 'WRONG_CREDENTIALS');
  },

  async 'renews its tokens once for all calls, and signs out where they end'(place) {
    const { url, StoreClient } = place;
    let tokens: Tokens | undefined;
    await customer(place, { onTokens: (pair) => (tokens = pair) });
    if (!tokens) throw new Error('no tokens');
    const pairs: (Tokens | undefined)[] = [];
    const reasons: number[] = [];
    const expired = { ...tokens, expiresAt: 0 };
    const later = new StoreClient({
      url,
      tokens: expired,
      onTokens: (pair) => pairs.push(pair),
      onSignOut: ({ status }) => reasons.push(status),
    });
    const users = await Promise.all([later.users.getMe(), later.users.getMe(), later.users.getMe()]);
    expectEqual(new Set(users.map(({ id }) => id)).size, 1, 'users');
    expectEqual(pairs.length, 1, 'renewals');
    expectTrue(pairs[0]?.refreshToken !== tokens.refreshToken, 'another refresh token');
    const thief = new StoreClient({ url, tokens: expired, onSignOut: ({ status }) => reasons.push(status) });
    await rejection(thief.users.getMe());
    expectEqual([reasons, thief.isSignedIn], [[401], false], 'the second use of a refresh token');
  },

  async 'ends a watch with its signal'(place) {
    const sku = await product(place, 1);
    const store = await customer(place);
    const { id } = await store.orders.placeOrder({ ...one(sku), paymentMethod: 'pm_card_slow' });
    const reader = new AbortController();
    let changes = 0;
    for await (const _ of store.orders.watchOrder({ id }, { signal: reader.signal })) {
      changes++;
      reader.abort();
    }
    expectEqual(changes, 1, 'changes');
  },

  async 'goes on with a watch after the event that it is given'(place) {
    const sku = await product(place, 1);
    const store = await customer(place);
    const { id } = await store.orders.placeOrder(one(sku), { wait: 20 });
    const sequences: string[] = [];
    const ids: string[] = [];
    const options = { lastEventId: '1', onEventId: (eventId: string) => ids.push(eventId) };
    for await (const { sequence } of store.orders.watchOrder({ id }, options)) sequences.push(sequence);
    expectEqual([sequences, ids], [['2'], ['2']], 'what was left');
  },
};
