import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  AuthorizePaymentSchema,
  CapturePaymentSchema,
  Payments,
  RefundPaymentSchema,
  VoidPaymentSchema,
} from '#libs/contracts';
import { type TestDatabase, type TestService, testDatabase, testService, until } from '#libs/testing';
import { paymentRules, providerRules } from '../../../test/invariants/payments.js';
import { checkRules, type Violation } from '../../../test/invariants/rule.js';
import { paymentsEnvironment } from '../src/config.js';
import { PaymentsModule } from '../src/payments.module.js';
import { PAYMENT_PROVIDER, type PaymentProvider } from '../src/provider.js';
import { OrdersSide } from './orders-side.js';
import { SimulatorProcess } from './simulator-process.js';

const LONG = { timeout: 20_000 };

/** What is heard of an order until its amount was taken. */
const CAPTURED = ['PaymentAuthorized', 'PaymentCaptured', 'PaymentSucceeded'];

/** Payments as it runs in the store, with the real simulator, PostgreSQL and Kafka; only orders is played. */
export class PaymentsRoom {
  private readonly ledgerAndPayments: pg.Pool;
  private readonly book: pg.Pool;

  private constructor(
    readonly service: TestService,
    readonly simulator: SimulatorProcess,
    readonly orders: OrdersSide,
    private readonly bookDatabase: TestDatabase,
  ) {
    const payments = service.database.adminUrl;
    this.ledgerAndPayments = new pg.Pool({ connectionString: payments, options: '-c search_path=payments' });
    const book = bookDatabase.adminUrl;
    this.book = new pg.Pool({ connectionString: book, options: '-c search_path=payment_simulator' });
  }

  static async open(): Promise<PaymentsRoom> {
    const opened: Closable[] = [];
    try {
      const book = track(opened, await testDatabase('payment-simulator'));
      const simulator = track(opened, await SimulatorProcess.start(book.url));
      const service = track(opened, await startPayments(simulator.url));
      const orders = track(opened, await OrdersSide.start(service.kafka));
      return new PaymentsRoom(service, simulator, orders, book);
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
  }

  get provider(): PaymentProvider {
    return this.service.app.get<PaymentProvider>(PAYMENT_PROVIDER, { strict: false });
  }

  async authorize(orderId: string, paymentMethod = 'pm_card_visa', id?: string): Promise<void> {
    const amount = { currencyCode: 'USD', minorUnits: 1999n };
    const command = { orderId, customerId: 'customer-1', amount, paymentMethod };
    await this.orders.send(AuthorizePaymentSchema, command, id);
  }

  async capture(orderId: string, id?: string): Promise<void> {
    await this.orders.send(CapturePaymentSchema, { orderId }, id);
  }

  async void(orderId: string, id?: string): Promise<void> {
    await this.orders.send(VoidPaymentSchema, { orderId }, id);
  }

  /** Asks for a refund; the id of the refund, not of the message. */
  async refund(
    orderId: string,
    minorUnits: bigint,
    { id = randomUUID(), currencyCode = 'USD' }: { id?: string; currencyCode?: string } = {},
  ): Promise<string> {
    await this.orders.send(RefundPaymentSchema, { orderId, refundId: id, amount: { currencyCode, minorUnits } });
    return id;
  }

  /** Waits until exactly this was heard of the order, replies and facts, in whatever order (they have two topics). */
  async heard(orderId: string, ...what: string[]): Promise<void> {
    const wanted = what.sort().join();
    const look = () => this.orders.heard(orderId).sort().join() === wanted;
    await until(look, { ...LONG, what: `${orderId} to hear ${wanted}` }).catch((error: Error) => {
      throw new Error(`${error.message}; heard: ${this.orders.heard(orderId)}`, { cause: error });
    });
  }

  /** A new order whose amount is held. */
  async authorized(): Promise<string> {
    const orderId = randomUUID();
    await this.authorize(orderId);
    await this.heard(orderId, 'PaymentAuthorized');
    return orderId;
  }

  /** A new order whose amount was taken. */
  async captured(paymentMethod?: string): Promise<string> {
    const orderId = randomUUID();
    await this.authorize(orderId, paymentMethod);
    await this.heard(orderId, 'PaymentAuthorized');
    await this.capture(orderId);
    await this.heard(orderId, ...CAPTURED);
    return orderId;
  }

  /** Waits until this was heard of a captured order, besides what its capture led to. */
  heardAfterCapture(orderId: string, ...what: string[]): Promise<void> {
    return this.heard(orderId, ...CAPTURED, ...what);
  }

  async payment(orderId: string): Promise<Record<string, unknown> | undefined> {
    const { rows } = await this.ledgerAndPayments.query('SELECT * FROM payments WHERE order_id = $1', [orderId]);
    return rows[0];
  }

  /** Kinds of the order's ledger entries, e.g. `HOLD CAPTURE`. */
  async entries(orderId: string): Promise<string> {
    const { rows } = await this.ledgerAndPayments.query(
      'SELECT kind FROM ledger_transactions WHERE order_id = $1 ORDER BY created_at',
      [orderId],
    );
    return rows.map(({ kind }) => kind).join(' ');
  }

  /** What the provider has booked for the order, e.g. `authorization capture`, over all its intents. */
  async movements(orderId: string): Promise<string> {
    const { rows } = await this.book.query(
      `SELECT kind FROM movements JOIN intents ON intents.id = intent_id WHERE order_id = $1 ORDER BY movements.id`,
      [orderId],
    );
    return rows.map(({ kind }) => kind).join(' ');
  }

  /** Calls that reached the provider for the order, e.g. `create confirm confirm`. */
  async calls(orderId: string): Promise<string> {
    const { rows } = await this.book.query(
      `SELECT operation FROM calls JOIN intents ON intents.id = intent_id WHERE order_id = $1 ORDER BY calls.id`,
      [orderId],
    );
    return rows.map(({ operation }) => operation).join(' ');
  }

  /** Waits until the provider has acknowledged what was pending. */
  async settled(orderId: string): Promise<void> {
    const look = async () => (await this.payment(orderId))?.pending === null;
    await until(look, { ...LONG, what: `nothing to be pending for ${orderId}` });
  }

  query(text: string, ...values: unknown[]): Promise<pg.QueryResult> {
    return this.ledgerAndPayments.query(text, values);
  }

  queryBook(text: string): Promise<pg.QueryResult> {
    return this.book.query(text);
  }

  /** What the invariants of the store say about payments, their ledger and the provider's book. */
  async violations(): Promise<Violation[]> {
    const [payments, book] = await Promise.all([this.ledgerAndPayments.connect(), this.book.connect()]);
    try {
      return [...(await checkRules(payments, paymentRules)), ...(await checkRules(book, providerRules))];
    } finally {
      payments.release();
      book.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.ledgerAndPayments.end(), this.book.end()]);
    await closeAll([this.bookDatabase, this.simulator, this.service, this.orders]);
  }
}

interface Closable {
  close(): Promise<void>;
}

function track<T extends Closable>(opened: Closable[], one: T): T {
  opened.push(one);
  return one;
}

/** The last first: what was opened later uses what was opened before. */
async function closeAll(opened: Closable[]): Promise<void> {
  for (const one of opened.reverse()) await one.close();
}

function startPayments(provider: URL): Promise<TestService> {
  return testService({
    name: 'payments',
    services: [Payments],
    environment: paymentsEnvironment,
    module: (config) => PaymentsModule.forRoot(config),
    env: { PROVIDER_URL: provider.href },
  });
}
