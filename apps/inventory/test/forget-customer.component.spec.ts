import { randomUUID } from 'node:crypto';
import { ForgetStockCustomerSchema, StockCustomerForgottenSchema } from '#libs/contracts';
import { type TestService, until } from '#libs/testing';
import { TestPeer } from '../../../test/messaging/test-peer.js';
import { startInventory } from './inventory-service.js';
import { StockRoom, wish } from './stock-room.js';

let service: TestService;
let room: StockRoom;
let users: TestPeer;

beforeAll(async () => {
  service = await startInventory();
  room = await StockRoom.open(service.database);
  users = await TestPeer.start({ service: 'users', kafka: service.kafka, hears: [StockCustomerForgottenSchema] });
}, 120_000);

afterAll(async () => {
  await users?.close();
  await room?.close();
  await service?.close();
});

const answers = (customerId: string) =>
  users.heard(StockCustomerForgottenSchema).filter((reply) => reply.customerId === customerId);
const forgotten = (customerId: string, count = 1) =>
  until(() => answers(customerId).length === count, { what: `${customerId} to be forgotten`, timeout: 30_000 });

async function customersOf(...orderIds: string[]): Promise<unknown[]> {
  const sql = 'SELECT customer_id FROM reservations WHERE order_id = ANY($1) ORDER BY create_time';
  return (await room.admin.query(sql, [orderIds])).rows.map((row) => row.customer_id);
}

describe('the deletion of an account', () => {
  it('takes the customer out of reservations, closed and open, and leaves all else and all others', async () => {
    const sku = await room.product({ main: 10 });
    const [customerId, other] = [randomUUID(), randomUUID()];
    const orders = [
      wish({ [sku]: 1 }, { customerId }),
      wish({ [sku]: 2 }, { customerId }),
      wish({ [sku]: 99 }, { customerId }),
    ];
    const kept = wish({ [sku]: 3 }, { customerId: other });
    for (const order of [...orders, kept]) await room.reservations.reserve(order);
    await room.reservations.release(orders[0]?.orderId ?? '');
    const before = await room.admin.query('SELECT state, update_time FROM reservations ORDER BY order_id');

    await users.send(ForgetStockCustomerSchema, { customerId });
    await forgotten(customerId);
    expect(await customersOf(...orders.map(({ orderId }) => orderId))).toEqual([null, null, null]);
    expect(await customersOf(kept.orderId)).toEqual([other]);
    const after = await room.admin.query('SELECT state, update_time FROM reservations ORDER BY order_id');
    expect(after.rows).toEqual(before.rows);
    expect(await room.violations()).toEqual([]);
  });

  it('answers again when it is asked again, and for a customer who never reserved anything', async () => {
    const customerId = randomUUID();
    await users.send(ForgetStockCustomerSchema, { customerId });
    await users.send(ForgetStockCustomerSchema, { customerId });
    await forgotten(customerId, 2);
  });

  it('answers a message that is delivered twice once', async () => {
    const [customerId, id, later] = [randomUUID(), randomUUID(), randomUUID()];
    for (const _ of [1, 2]) await users.send(ForgetStockCustomerSchema, { customerId }, id);
    await users.send(ForgetStockCustomerSchema, { customerId: later });
    await forgotten(later);
    await forgotten(customerId);
  });
});

it('lets nothing else of a closed reservation change', async () => {
  const sku = await room.product({ main: 1 });
  const order = wish({ [sku]: 1 });
  await room.reservations.reserve(order);
  await room.reservations.release(order.orderId);
  for (const change of ["customer_id = 'another'", "customer_id = NULL, state = 'ACTIVE'", 'update_time = now()']) {
    const sql = `UPDATE reservations SET ${change} WHERE order_id = $1`;
    await expect(room.admin.query(sql, [order.orderId])).rejects.toThrow('the reservation is closed');
  }
});
