import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { AuthorizePaymentSchema, CapturePaymentSchema, Payments, VoidPaymentSchema } from '#libs/contracts';
import { createLogger, loadConfig, type RunningService, startService } from '#libs/service';
import { type TestDatabase, testDatabase, testKafka, until } from '#libs/testing';
import { paymentsEnvironment } from '../src/config.js';
import { PaymentsModule } from '../src/payments.module.js';
import { PAYMENT_PROVIDER, type PaymentProvider } from '../src/provider.js';
import { OrdersSide } from './orders-side.js';
import { SimulatorProcess } from './simulator-process.js';

const LONG = { timeout: 20_000 };

/** Payments as it runs in the store, with the real simulator, PostgreSQL and Kafka; only orders is played. */
export class PaymentsRoom {
  readonly logged: string[] = [];
  private readonly ledgerAndPayments: pg.Pool;
  private readonly book: pg.Pool;

  private constructor(
    readonly service: RunningService,
    readonly simulator: SimulatorProcess,
    readonly orders: OrdersSide,
    readonly databases: { payments: TestDatabase; book: TestDatabase; orders: TestDatabase },
    logged: string[],
  ) {
    this.logged = logged;
    const { payments, book } = databases;
    this.ledgerAndPayments = new pg.Pool({ connectionString: payments.adminUrl, options: '-c search_path=payments' });
    this.book = new pg.Pool({ connectionString: book.adminUrl, options: '-c search_path=payment_simulator' });
  }

  static async open(): Promise<PaymentsRoom> {
    const [payments, book, orders, kafka] = await Promise.all([
      testDatabase('payments'),
      testDatabase('payment-simulator'),
      testDatabase('orders'),
      testKafka(),
    ]);
    const simulator = await SimulatorProcess.start(book.url);
    const logged: string[] = [];
    const destination = { write: (line: string) => void logged.push(line) };
    const log = await createLogger({ name: 'payments', level: 'debug', format: 'json', destination });
    const config = loadConfig(paymentsEnvironment, {
      OPS_LISTEN: '127.0.0.1:0',
      GRPC_LISTEN: '127.0.0.1:0',
      DATABASE_URL: payments.url,
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      TRUSTED_CALLERS: 'gateway=http://127.0.0.1:1/',
      PROVIDER_URL: simulator.url.href,
    });
    const service = await startService(
      { name: 'payments', module: PaymentsModule.forRoot(config), services: [Payments], config },
      log,
    );
    const side = await OrdersSide.start(orders, kafka, log);
    return new PaymentsRoom(service, simulator, side, { payments, book, orders }, logged);
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

  async close(): Promise<void> {
    await this.orders.stop();
    await this.service.stop();
    await this.simulator.kill();
    await Promise.all([this.ledgerAndPayments.end(), this.book.end()]);
    await Promise.all(Object.values(this.databases).map((database) => database.close()));
  }
}
