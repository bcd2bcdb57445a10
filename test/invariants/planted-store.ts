import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import pg from 'pg';
import { type TestDatabase, type TestKafka, testDatabase, testKafka } from '#libs/testing';
import { type CheckOptions, checkInvariants } from './check-invariants.js';

const APPS = {
  orders: 'orders',
  inventory: 'inventory',
  payments: 'payments',
  payment_simulator: 'payment-simulator',
  gateway: 'gateway',
};
type Book = keyof typeof APPS;

/** The real tables and topics of the store with rows that were written by hand: what its services never would. */
export class PlantedStore {
  private constructor(
    private readonly databases: Readonly<Record<Book, TestDatabase>>,
    private readonly pools: Readonly<Record<Book, pg.Pool>>,
    private readonly kafka: TestKafka,
    private readonly producer: Producer,
  ) {}

  static async open(): Promise<PlantedStore> {
    const kafka = await testKafka();
    const databases = await forEachBook((book) => testDatabase(APPS[book]));
    const pools = await forEachBook(async (book) => {
      const options = `-c search_path=${book} -c session_replication_role=replica`;
      return new pg.Pool({ connectionString: databases[book].adminUrl, options, max: 2 });
    });
    const producer = new Kafka({ brokers: kafka.brokers.split(','), logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    return new PlantedStore(databases, pools, kafka, producer);
  }

  /** Runs SQL as the owner, past all triggers. */
  async write(book: Book, sql: string, ...values: unknown[]): Promise<void> {
    await this.pools[book].query(sql, values);
  }

  /** The one value of the one row that is found. */
  async only(book: Book, sql: string, ...values: unknown[]): Promise<string> {
    const { rows } = await this.pools[book].query({ text: sql, values, rowMode: 'array' });
    return String(rows[0]?.[0]);
  }

  async publish(topic: string, key: string, ...types: string[]): Promise<void> {
    const messages = types.map((type) => ({
      key,
      value: null,
      headers: { ce_type: `${topic.split('.')[0]}.${type}.v1`, ce_id: randomUUID() },
    }));
    await this.producer.send({ topic: this.kafka.topicPrefix + topic, messages });
  }

  /** What is told about a subject, as `I4 text`. */
  async complaintsAbout(subject: string): Promise<string[]> {
    const all = await this.check();
    return all.filter((one) => one.subject === subject).map(({ invariant, what }) => `${invariant} ${what}`);
  }

  check(more: Partial<CheckOptions> = {}) {
    const { orders, inventory, payments, payment_simulator, gateway } = this.databases;
    return checkInvariants({
      databaseUrls: {
        orders: orders.adminUrl,
        inventory: inventory.adminUrl,
        payments: payments.adminUrl,
        payment_simulator: payment_simulator.adminUrl,
        gateway: gateway.adminUrl,
      },
      kafkaBrokers: this.kafka.brokers.split(','),
      topicPrefix: this.kafka.topicPrefix,
      patienceSeconds: 0,
      ...more,
    });
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
    for (const pool of Object.values(this.pools)) await pool.end();
    for (const database of Object.values(this.databases)) await database.close();
  }
}

async function forEachBook<T>(make: (book: Book) => Promise<T>): Promise<Record<Book, T>> {
  const [orders, inventory, payments, simulator, gateway] = await Promise.all([
    make('orders'),
    make('inventory'),
    make('payments'),
    make('payment_simulator'),
    make('gateway'),
  ]);
  return { orders, inventory, payments, payment_simulator: simulator, gateway };
}
