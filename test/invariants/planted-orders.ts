import { randomUUID } from 'node:crypto';
import type { PlantedStore } from './planted-store.js';

/** A product with 1000 stocked units, as inventory would have written it. */
export async function plantProduct(store: PlantedStore): Promise<string> {
  const sku = `sku-${randomUUID()}`;
  await store.write(
    'inventory',
    `INSERT INTO products (sku, title, description, currency_code, minor_units, tags, image_url)
     VALUES ($1, 'A thing', '', 'USD', 100, '{}', '')`,
    sku,
  );
  await store.write('inventory', `INSERT INTO stock (sku, warehouse, stocked) VALUES ($1, 'main', 1000)`, sku);
  await store.write(
    'inventory',
    `INSERT INTO stock_movements (sku, warehouse, kind, quantity, reason) VALUES ($1, 'main', 'adjust', 1000, 'x')`,
    sku,
  );
  await store.publish('inventory.product.v1', sku, 'ProductCreated', 'StockAdjusted');
  return sku;
}

/** An order of two units for 200 cents that every book knows as CONFIRMED, with these events. */
export async function plantConfirmed(
  store: PlantedStore,
  sku: string,
  events = ['OrderPlaced', 'OrderConfirmed'],
): Promise<string> {
  const id = randomUUID();
  await plantOrder(store, { id, sku, state: 'CONFIRMED', phase: 'completed' });
  await plantReservation(store, { id, sku, state: 'CLAIMED', moves: ['reserve', 'claim'] });
  await store.write('inventory', 'UPDATE stock SET sold = sold + 2 WHERE sku = $1', sku);
  await plantPayment(store, { id, state: 'SUCCEEDED', entries: ['HOLD', 'CAPTURE'] });
  await plantIntent(store, { id, status: 'succeeded', moves: ['authorization', 'capture'] });
  await store.publish('orders.order.v1', id, ...events);
  await store.publish('payments.payment.v1', id, 'PaymentSucceeded');
  return id;
}

/** An order that was authorized and then undone everywhere. */
export async function plantRejected(store: PlantedStore, sku: string): Promise<string> {
  const id = randomUUID();
  await plantOrder(store, { id, sku, state: 'REJECTED', phase: 'compensated' });
  await plantReservation(store, { id, sku, state: 'RELEASED', moves: ['reserve', 'release'] });
  await plantPayment(store, { id, state: 'CANCELED', entries: ['HOLD', 'RELEASE'] });
  await plantIntent(store, { id, status: 'canceled', moves: ['authorization', 'release'] });
  await store.publish('orders.order.v1', id, 'OrderPlaced', 'OrderRejected');
  await store.publish('payments.payment.v1', id, 'PaymentCanceled');
  return id;
}

async function plantOrder(
  store: PlantedStore,
  { id, sku, state, phase }: { id: string; sku: string; state: string; phase: string },
): Promise<void> {
  const reason = state === 'REJECTED' ? 'EXPIRED' : null;
  await store.write(
    'orders',
    `INSERT INTO orders (id, customer_id, state, reason, currency_code, total_minor_units, sequence, idempotency_key,
       request_fingerprint, created_at, updated_at)
     VALUES ($1::uuid, 'c', $2, $3, 'USD', 200, 2, $1::uuid::text, '', now(), now())`,
    ...[id, state, reason],
  );
  await store.write('orders', `INSERT INTO order_lines VALUES ($1, 0, $2, 'A thing', 2, 100)`, id, sku);
  await store.write(
    'orders',
    `INSERT INTO order_history (order_id, sequence, state, cause, at)
     VALUES ($1, 1, 'PENDING', 'x', now()), ($1, 2, $2, 'x', now())`,
    ...[id, state],
  );
  await plantSaga(store, { saga: 'place-order', id, phase });
}

async function plantSaga(
  store: PlantedStore,
  { saga, id, phase }: { saga: string; id: string; phase: string },
): Promise<void> {
  await store.write(
    'orders',
    `INSERT INTO saga_instances (saga, id, version, state, data, trace_context, transitions, ended_at)
     VALUES ($3, $1, 1, $2, '{}', '{}', 2, now())`,
    ...[id, { phase }, saga],
  );
  await store.write(
    'orders',
    `INSERT INTO saga_transitions (saga, id, sequence, cause, state, commands)
     VALUES ($3, $1, 1, 'start', '{"phase":"forward"}', '{}'), ($3, $1, 2, 'x', $2, '{}')`,
    ...[id, { phase }, saga],
  );
}

async function plantReservation(
  store: PlantedStore,
  { id, sku, state, moves }: { id: string; sku: string; state: string; moves: string[] },
): Promise<void> {
  await store.write(
    'inventory',
    `INSERT INTO reservations (order_id, state, expire_time) VALUES ($1, $2, now() + interval '1 hour')`,
    ...[id, state],
  );
  await store.write('inventory', `INSERT INTO reservation_lines VALUES ($1, $2, 'main', 2)`, id, sku);
  for (const kind of moves) {
    await store.write(
      'inventory',
      `INSERT INTO stock_movements (sku, warehouse, kind, quantity, order_id) VALUES ($1, 'main', $2, 2, $3)`,
      ...[sku, kind, id],
    );
  }
}

/** A refund of 150 of the 200 cents of a confirmed order, as every book knows it; its id. */
export async function plantRefund(store: PlantedStore, order: string): Promise<string> {
  const id = randomUUID();
  await store.write(
    'orders',
    `INSERT INTO refunds (id, order_id, number, minor_units, reason, state, requested_by, request_fingerprint, created_at,
       updated_at) VALUES ($1, $2, 1, 150, 'GOODWILL', 'SUCCEEDED', 'a', '', now(), now())`,
    ...[id, order],
  );
  await store.write('orders', 'UPDATE orders SET refunds = 1 WHERE id = $1', order);
  await plantSaga(store, { saga: 'refund-order', id, phase: 'completed' });
  await store.publish('orders.order.v1', order, 'OrderRefunded');
  await store.write(
    'payments',
    `INSERT INTO refunds (id, order_id, currency_code, minor_units, state) VALUES ($1, $2, 'USD', 150, 'SUCCEEDED')`,
    ...[id, order],
  );
  await store.write('payments', 'UPDATE payments SET refunded_minor_units = 150 WHERE order_id = $1', order);
  await plantEntry(store, { order, kind: 'REFUND', refund: id, postings: REFUND_POSTINGS });
  await store.publish('payments.payment.v1', order, 'PaymentRefunded');
  await store.write(
    'payment_simulator',
    `INSERT INTO refunds (id, intent_id, idempotency_key, amount, status)
     SELECT $1, id, $2, 150, 'succeeded' FROM intents WHERE order_id = $3`,
    ...[`re_${id}`, `refund-${id}`, order],
  );
  await store.write(
    'payment_simulator',
    `INSERT INTO movements (intent_id, kind, held, captured, refunded)
     SELECT id, 'refund', 0, 0, 150 FROM intents WHERE order_id = $1`,
    order,
  );
  await store.write('payment_simulator', 'UPDATE intents SET amount_refunded = 150 WHERE order_id = $1', order);
  return id;
}

const REFUND_POSTINGS = [
  ['refunds', 150],
  ['provider_receivable', -150],
] as const;

interface PlantedEntry {
  readonly order: string;
  readonly kind: string;
  readonly refund?: string;
  readonly postings: readonly (readonly [account: string, amount: number])[];
}

async function plantEntry(store: PlantedStore, { order, kind, refund, postings }: PlantedEntry): Promise<void> {
  const transaction = randomUUID();
  await store.write(
    'payments',
    'INSERT INTO ledger_transactions (id, order_id, kind, refund_id) VALUES ($1, $2, $3, $4)',
    ...[transaction, order, kind, refund ?? null],
  );
  for (const [account, amount] of postings) {
    await store.write(
      'payments',
      `INSERT INTO ledger_postings (transaction_id, account, currency_code, minor_units) VALUES ($1, $2, 'USD', $3)`,
      ...[transaction, account, amount],
    );
  }
}

export async function plantPayment(
  store: PlantedStore,
  { id, state, entries }: { id: string; state: string; entries: ('HOLD' | 'RELEASE' | 'CAPTURE')[] },
): Promise<void> {
  await store.write(
    'payments',
    `INSERT INTO payments (id, order_id, customer_id, currency_code, minor_units, state, provider_payment_id)
     VALUES (gen_random_uuid(), $1, 'c', 'USD', 200, $2, $3)`,
    ...[id, state, `pi_${id}`],
  );
  const postings: Record<'HOLD' | 'RELEASE' | 'CAPTURE', PlantedEntry['postings']> = {
    HOLD: [
      ['provider_held', 200],
      ['customer_held', -200],
    ],
    RELEASE: [
      ['provider_held', -200],
      ['customer_held', 200],
    ],
    CAPTURE: [
      ['provider_held', -200],
      ['customer_held', 200],
      ['provider_receivable', 200],
      ['sales', -200],
    ],
  };
  for (const kind of entries) await plantEntry(store, { order: id, kind, postings: postings[kind] });
}

export async function plantIntent(
  store: PlantedStore,
  { id, status, moves }: { id: string; status: string; moves: string[] },
): Promise<void> {
  const intent = `pi_${randomUUID()}`;
  const captured = status === 'succeeded' ? 200 : 0;
  await store.write(
    'payment_simulator',
    `INSERT INTO intents (id, order_id, amount, currency, status, amount_captured) VALUES ($1, $2, 200, 'usd', $3, $4)`,
    ...[intent, id, status, captured],
  );
  const sums: Record<string, readonly [number, number]> = {
    authorization: [200, 0],
    capture: [-200, 200],
    release: [-200, 0],
  };
  for (const kind of moves) {
    await store.write(
      'payment_simulator',
      'INSERT INTO movements (intent_id, kind, held, captured) VALUES ($1, $2, $3, $4)',
      ...[intent, kind, ...(sums[kind] ?? [])],
    );
  }
}
