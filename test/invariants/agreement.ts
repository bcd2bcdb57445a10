import type { ClientBase } from 'pg';
import type { Violation } from './rule.js';

/** The schemas that have a say in an order. */
export interface Books {
  readonly orders: ClientBase;
  readonly inventory: ClientBase;
  readonly payments: ClientBase;
  readonly payment_simulator: ClientBase;
}

interface Order {
  state: string;
  currency: string;
  total: string;
  refunded: string;
  units: Record<string, number>;
}

interface Reservation {
  state: string;
  units: Record<string, number> | null;
}

interface Payment {
  state: string;
  amount: string | null;
  currency: string | null;
  /** Of the ledger. */
  held: string;
  earned: string;
  refunded: string;
}

interface Provider {
  held: string;
  captured: string;
  refunded: string;
  currency: string;
}

/** What every book says about one order. */
interface Entry {
  order?: Order;
  reservation?: Reservation;
  payment?: Payment;
  provider?: Provider;
}

const ORDERS = `SELECT id, state, currency_code AS currency, total_minor_units::text AS total,
    (SELECT COALESCE(sum(minor_units), 0)::text FROM refunds
      WHERE order_id = orders.id AND refunds.state = 'SUCCEEDED') AS refunded,
    (SELECT jsonb_object_agg(sku, quantity) FROM (
      SELECT sku, sum(quantity) AS quantity FROM order_lines WHERE order_id = orders.id GROUP BY sku) AS lines) AS units
  FROM orders`;
const RESERVATIONS = `SELECT order_id AS id, state,
    (SELECT jsonb_object_agg(sku, quantity) FROM (
      SELECT sku, sum(quantity) AS quantity FROM reservation_lines AS line WHERE line.order_id = reservations.order_id
      GROUP BY sku) AS lines) AS units
  FROM reservations`;
const PAYMENTS = `SELECT order_id AS id, state, payments.minor_units::text AS amount, currency_code AS currency,
    COALESCE(held, 0)::text AS held, COALESCE(earned, 0)::text AS earned, COALESCE(refunded, 0)::text AS refunded
  FROM payments LEFT JOIN (
    SELECT order_id, sum(minor_units) FILTER (WHERE account = 'provider_held') AS held,
      -sum(minor_units) FILTER (WHERE account = 'sales') AS earned,
      sum(minor_units) FILTER (WHERE account = 'refunds') AS refunded
    FROM ledger_transactions JOIN ledger_postings ON transaction_id = ledger_transactions.id GROUP BY order_id
  ) AS ledger USING (order_id)`;
const PROVIDER = `SELECT order_id AS id, sum(amount_held)::text AS held, sum(amount_captured)::text AS captured,
    sum(amount_refunded)::text AS refunded,
    string_agg(DISTINCT upper(currency), ',') AS currency
  FROM intents GROUP BY order_id`;

/** I3, I4 and I7 over all books: orders, stock, ledger and provider say the same about every order. */
export async function checkAgreement(books: Books): Promise<Violation[]> {
  const entries = new Map<string, Entry>();
  await collect(books, entries);
  return [...entries].flatMap(([subject, entry]) =>
    complaints(entry).map(([invariant, what]) => ({ invariant, what, subject, evidence: { ...entry }, settles: true })),
  );
}

async function collect(books: Books, entries: Map<string, Entry>): Promise<void> {
  const [orders, reservations, payments, provider] = await Promise.all([
    books.orders.query<Order & { id: string }>(ORDERS),
    books.inventory.query<Reservation & { id: string }>(RESERVATIONS),
    books.payments.query<Payment & { id: string }>(PAYMENTS),
    books.payment_simulator.query<Provider & { id: string }>(PROVIDER),
  ]);
  const about = (id: string): Entry => {
    const entry = entries.get(id) ?? {};
    entries.set(id, entry);
    return entry;
  };
  for (const { id, ...order } of orders.rows) about(id).order = order;
  for (const { id, ...reservation } of reservations.rows) about(id).reservation = reservation;
  for (const { id, ...payment } of payments.rows) about(id).payment = payment;
  for (const { id, ...intent } of provider.rows) about(id).provider = intent;
}

type Complaint = readonly [invariant: string, what: string];

function complaints(entry: Entry): Complaint[] {
  const { order, reservation, payment, provider } = entry;
  if (!order) {
    return [
      ...(reservation ? ([['I3', 'stock was asked for an order that does not exist']] as const) : []),
      ...(payment || provider ? ([['I7', 'there is a payment without an order']] as const) : []),
    ];
  }
  if (order.state === 'CONFIRMED') return confirmedComplaints(order, entry);
  return order.state === 'PENDING' ? [] : endedComplaints(entry);
}

function confirmedComplaints(order: Order, { reservation, payment, provider }: Entry): Complaint[] {
  const found: Complaint[] = [];
  if (reservation?.state !== 'CLAIMED' || !sameUnits(order.units, reservation.units ?? {}))
    found.push(['I3', 'the units of a confirmed order are not claimed exactly once']);
  if (payment?.state !== 'SUCCEEDED' || payment.amount !== order.total || payment.currency !== order.currency)
    found.push(['I4', 'the payment of a confirmed order did not succeed over its total']);
  if (payment?.earned !== order.total || payment.held !== '0')
    found.push(['I4', 'the ledger has not captured the total of a confirmed order']);
  if (provider?.captured !== order.total || provider.held !== '0' || provider.currency !== order.currency)
    found.push(['I4', 'the provider has not captured the total of a confirmed order']);
  if (payment?.refunded !== order.refunded || provider?.refunded !== order.refunded)
    found.push(['I4', 'order, ledger and provider do not agree on what went back']);
  return found;
}

function endedComplaints({ reservation, payment, provider }: Entry): Complaint[] {
  const found: Complaint[] = [];
  if (reservation && ['ACTIVE', 'HELD', 'CLAIMED'].includes(reservation.state))
    found.push(['I3', 'an order that is not confirmed keeps units']);
  if (payment && !['CANCELED', 'FAILED'].includes(payment.state))
    found.push(['I4', 'the payment of an order that is not confirmed goes on']);
  if (payment && (payment.held !== '0' || payment.earned !== '0' || payment.refunded !== '0'))
    found.push(['I4', 'the ledger does not net to zero for an order that is not confirmed']);
  if (provider && (provider.held !== '0' || provider.captured !== '0' || provider.refunded !== '0'))
    found.push(['I4', 'the provider keeps money of an order that is not confirmed']);
  return found;
}

function sameUnits(wanted: Record<string, number>, claimed: Record<string, number>): boolean {
  const skus = Object.keys(wanted);
  return skus.length === Object.keys(claimed).length && skus.every((sku) => wanted[sku] === claimed[sku]);
}
