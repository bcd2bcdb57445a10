import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  Order_State,
  type OrderChange,
  ReserveStockSchema,
  StockReservationRejected_Reason as StockRefusal,
  StockReservationRejectedSchema,
} from '#libs/contracts';
import { until } from '#libs/testing';
import { refusalOf } from './customer.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const seen = (changes: OrderChange[]) =>
  changes.map((change) => `${change.sequence} ${Order_State[change.order?.state ?? 0]}`);

async function pending() {
  const customer = stage.customer();
  const { id } = await customer.place({ lines: [{ sku: 'tea', quantity: 1 }] });
  await stage.partner.told(ReserveStockSchema, id);
  const reject = () =>
    stage.partner.says(StockReservationRejectedSchema, { orderId: id, reason: StockRefusal.OUT_OF_STOCK });
  return { customer, id, reject };
}

describe('watching an order', () => {
  it('shows it as it is, then each change, and ends with the terminal one', async () => {
    const { customer, id, reject } = await pending();
    let first = (_: OrderChange[]) => {};
    const begun = new Promise<OrderChange[]>((resolve) => {
      first = resolve;
    });
    const watching = customer.watch(id, 0n, (changes) => {
      first(changes);
      return false;
    });
    expect(seen(await begun)).toEqual(['1 PENDING']);
    await reject();
    const changes = await watching;
    expect(seen(changes)).toEqual(['1 PENDING', '2 REJECTED']);
    expect(changes[1]?.order).toEqual(await customer.get(id));
  });

  it('goes on after the change that the client has seen', async () => {
    const { customer, id, reject } = await pending();
    const watching = customer.watch(id, 1n);
    await reject();
    expect(seen(await watching)).toEqual(['2 REJECTED']);
    expect(seen(await customer.watch(id, 1n))).toEqual(['2 REJECTED']);
  });

  it('shows a terminal order once, and nothing to who has seen its end', async () => {
    const { customer, id, reject } = await pending();
    await reject();
    await stage.end(customer, id);
    expect(seen(await customer.watch(id))).toEqual(['2 REJECTED']);
    expect(await customer.watch(id, 2n)).toEqual([]);
    expect(await customer.watch(id, 99n)).toEqual([]);
  });

  it('tells other replicas by NOTIFY when a change is committed', async () => {
    const listener = new pg.Client({ connectionString: stage.service.database.adminUrl });
    await listener.connect();
    let heard = 0;
    listener.on('notification', () => {
      heard += 1;
    });
    await listener.query('LISTEN orders_changed');
    const { customer, id, reject } = await pending();
    await reject();
    await stage.end(customer, id);
    await until(() => heard > 0, { what: 'a notification' });
    await listener.end();
  });

  it('sees changes of which no notification came', async () => {
    const { customer, id } = await pending();
    // By hand, as if the connection for notifications were lost. Several, so that the watcher is waiting at one of them.
    const change = (sequence: number, state: string) =>
      stage.rows(
        `WITH moved AS (UPDATE orders SET state = $3, sequence = $2 WHERE id = $1 RETURNING id)
         INSERT INTO order_history SELECT id, $2, $3, NULL, 'test', now() FROM moved`,
        ...[id, sequence, state],
      );
    let count = 0;
    const watching = customer.watch(id, 0n, (changes) => {
      count = changes.length;
      return false;
    });
    for (let sequence = 2; sequence <= 5; sequence += 1) {
      await until(() => count === sequence - 1, { what: `change ${sequence - 1}` });
      await change(sequence, sequence < 5 ? 'PENDING' : 'CANCELLED');
    }
    expect(seen(await watching)).toEqual(['1 PENDING', '2 PENDING', '3 PENDING', '4 PENDING', '5 CANCELLED']);
  });

  it('is for the customer who placed it and for admins', async () => {
    const { id, reject } = await pending();
    expect((await refusalOf(stage.customer().watch(id))).reason).toBe('ORDER_NOT_FOUND');
    expect((await refusalOf(stage.customer().watch(randomUUID()))).reason).toBe('ORDER_NOT_FOUND');
    await reject();
    const admin = stage.customer('an-admin', 'orders:read orders:read:all');
    expect(seen(await admin.watch(id)).at(-1)).toBe('2 REJECTED');
  });
});

describe('reading orders', () => {
  it('shows an order to its customer and to admins, and hides that it exists from others', async () => {
    const { customer, id } = await pending();
    const admin = stage.customer('an-admin', 'orders:read orders:read:all');
    expect((await admin.get(id)).id).toBe((await customer.get(id)).id);
    expect((await refusalOf(stage.customer().get(id))).reason).toBe('ORDER_NOT_FOUND');
    expect((await refusalOf(customer.get(randomUUID()))).reason).toBe('ORDER_NOT_FOUND');
  });

  it('lists the caller’s own orders in pages, newest first, each once', async () => {
    const [customer, other] = [stage.customer(), stage.customer()];
    const placed: string[] = [];
    for (let time = 0; time < 5; time += 1) {
      placed.push((await customer.place({ lines: [{ sku: 'tea', quantity: time + 1 }] })).id);
      await other.place({ lines: [{ sku: 'tea', quantity: 1 }] });
    }
    const listed: string[] = [];
    const sizes: number[] = [];
    let token = '';
    do {
      const page = await customer.list(2, token);
      listed.push(...page.orders.map((order) => order.id));
      sizes.push(page.orders.length);
      token = page.nextPageToken;
    } while (token);
    expect(sizes).toEqual([2, 2, 1]);
    expect(listed).toEqual(placed.reverse());
    expect((await customer.list()).orders[0]?.lines[0]).toMatchObject({ sku: 'tea', quantity: 5 });
  });

  it('refuses a page token of another customer', async () => {
    const customer = stage.customer();
    for (let time = 0; time < 2; time += 1) await customer.place({ lines: [{ sku: 'tea', quantity: 1 }] });
    const { nextPageToken } = await customer.list(1);
    expect(await refusalOf(stage.customer().list(1, nextPageToken))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      violations: [{ field: 'pageToken' }],
    });
  });
});
