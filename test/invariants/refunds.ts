import type { ClientBase } from 'pg';
import type { Books } from './agreement.js';
import type { Violation } from './rule.js';

interface Refund {
  id: string;
  order: string;
  amount: string;
  state: string;
}

type Book = 'orders' | 'payments' | 'payment_simulator';
type Entry = Partial<Record<Book, Omit<Refund, 'id'>>>;

/** What each book calls a refund, and under which id. The provider knows it by the key of its call. */
const REFUNDS: Readonly<Record<Book, string>> = {
  orders: `SELECT id::text, order_id::text AS order, minor_units::text AS amount, state FROM refunds`,
  payments: `SELECT id::text, order_id::text AS order, minor_units::text AS amount, state FROM refunds`,
  payment_simulator: `SELECT regexp_replace(idempotency_key, '^refund-', '') AS id, order_id::text AS order,
      refunds.amount::text, CASE refunds.status WHEN 'succeeded' THEN 'SUCCEEDED' ELSE 'REJECTED' END AS state
    FROM refunds JOIN intents ON intents.id = intent_id`,
};

/**
 * I4 refund by refund: what orders promised, payments gave back and the provider booked is the same, once. With the
 * agreement on every order it follows that captured − refunded is the sum of (total − refunds) of the confirmed orders.
 */
export async function checkRefunds(books: Books): Promise<Violation[]> {
  const entries = new Map<string, Entry>();
  for (const book of ['orders', 'payments', 'payment_simulator'] as const) await collect(books[book], book, entries);
  return [...entries].flatMap(([subject, entry]) =>
    complaints(entry).map((what) => ({ invariant: 'I4', what, subject, evidence: { ...entry }, settles: true })),
  );
}

async function collect(client: ClientBase, book: Book, entries: Map<string, Entry>): Promise<void> {
  const { rows } = await client.query<Refund>(REFUNDS[book]);
  for (const { id, ...refund } of rows) entries.set(id, { ...entries.get(id), [book]: refund });
}

function complaints({ orders, payments, payment_simulator: provider }: Entry): string[] {
  if (!orders) return ['money went back, or was to, for a refund that orders does not know'];
  const found: string[] = [];
  if (payments?.state !== orders.state) found.push('orders and payments tell another end of a refund');
  // A refund that payments rejected by its own books never came to the provider.
  const atProvider = provider?.state ?? 'REJECTED';
  if (atProvider !== orders.state) found.push('the provider tells another end of a refund than orders');
  const others = [payments, provider].filter((other) => other !== undefined);
  if (others.some(({ amount, order }) => amount !== orders.amount || order !== orders.order))
    found.push('the books of a refund name different amounts or orders');
  return found;
}
