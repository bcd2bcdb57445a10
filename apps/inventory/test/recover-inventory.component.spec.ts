import { randomUUID } from 'node:crypto';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  channelOf,
  ProductCreatedSchema,
  ProductUpdatedSchema,
  StockReservationRejected_Reason as Reason,
  StockAdjustedSchema,
  StockClaimedSchema,
  StockHeldSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
} from '#libs/contracts';
import { Past } from '#libs/recovery';
import { testDatabase } from '#libs/testing';
import { RecoverCatalogue } from '../src/recover/recover-catalogue.js';
import { RecoverReservations } from '../src/recover/recover-reservations.js';
import { StockRoom } from './stock-room.js';

describe('inventory whose database was restored', () => {
  let room: StockRoom;

  beforeAll(async () => {
    room = await StockRoom.open(await testDatabase('inventory'));
  });

  afterAll(() => room?.close());

  describe('products and stock', () => {
    const recover = async (facts: Past[]) => {
      const counts = { products: 0, adjustments: 0 };
      await new RecoverCatalogue(room.database.withTables()).recover(facts, counts);
      return counts;
    };

    it('are there again as inventory told of them, once', async () => {
      const sku = `sku-${randomUUID()}`;
      const price = { currencyCode: 'USD', minorUnits: 500n };
      const facts = [
        message(ProductCreatedSchema, { sku, title: 'Tea', price, version: 1n }),
        message(StockAdjustedSchema, { sku, warehouse: 'main', delta: 10, reason: 'delivery', available: 10 }),
        message(ProductUpdatedSchema, { sku, title: 'Better tea', price, version: 2n }),
        message(StockAdjustedSchema, { sku, warehouse: 'main', delta: -3, reason: 'broken', available: 7 }),
      ];
      expect(await recover(facts)).toEqual({ products: 2, adjustments: 2 });
      expect(await recover(facts)).toEqual({ products: 0, adjustments: 0 });
      const { rows } = await room.admin.query(
        'SELECT title, version, stocked FROM products JOIN stock USING (sku) WHERE sku = $1',
        [sku],
      );
      expect(rows).toEqual([{ title: 'Better tea', version: '2', stocked: 7 }]);
      expect(await room.violations()).toEqual([]);
    });
  });

  describe('reservations', () => {
    const recover = (orderId: string, ...answers: Past[]) =>
      new RecoverReservations(room.database.withTables()).recover(orderId, answers);

    it('that got nothing, or gave it back, take nothing when their commands come again', async () => {
      const sku = await room.product({ main: 1 });
      const [rejected, released] = [randomUUID(), randomUUID()];
      const answer = { orderId: rejected, reason: Reason.OUT_OF_STOCK, sku };
      expect(await recover(rejected, message(StockReservationRejectedSchema, answer))).toBe(true);
      expect(await recover(released, message(StockReleasedSchema, { orderId: released }))).toBe(true);
      const wish = { customerId: randomUUID(), lines: [{ sku, quantity: 1 }], ttlMs: 60_000 };
      expect(await room.reservations.reserve({ ...wish, orderId: rejected })).toEqual({
        rejection: { reason: 'OUT_OF_STOCK', sku },
      });
      expect(await room.reservations.reserve({ ...wish, orderId: released })).toMatchObject({
        rejection: { reason: 'RELEASED' },
      });
      expect(await room.reservations.reserve({ ...wish, orderId: randomUUID() })).toHaveProperty('expireTime');
    });

    it('that were held do not expire, though their time is over by now', async () => {
      const sku = await room.product({ main: 1 });
      const orderId = randomUUID();
      await room.reservations.reserve({ orderId, customerId: randomUUID(), lines: [{ sku, quantity: 1 }], ttlMs: 1 });
      expect(
        await recover(orderId, message(StockHeldSchema, { orderId }), message(StockClaimedSchema, { orderId })),
      ).toBe(true);
      await new RecoverReservations(room.database.withTables()).expireDue();
      await room.reservations.claim(orderId);
      expect(await room.violations()).toEqual([]);
    });

    it('give their units back when they had done so', async () => {
      const sku = await room.product({ main: 1 });
      const orderId = randomUUID();
      const lines = [{ sku, quantity: 1 }];
      await room.reservations.reserve({ orderId, customerId: randomUUID(), lines, ttlMs: 60_000 });
      expect(await recover(orderId, message(StockReleasedSchema, { orderId }))).toBe(true);
      const next = { orderId: randomUUID(), customerId: randomUUID(), lines, ttlMs: 60_000 };
      expect(await room.reservations.reserve(next)).toHaveProperty('expireTime');
    });

    it('without an answer are left to the commands that come again', async () => {
      expect(await recover(randomUUID())).toBe(false);
    });
  });
});

function message<D extends DescMessage>(kind: D, value: MessageInitShape<D>): Past {
  const { topic, type } = channelOf(kind);
  return new Past({
    ...{ topic, partition: 0, offset: 0n, key: null, value: Buffer.from(toBinary(kind, create(kind, value))) },
    headers: { ce_id: randomUUID(), ce_type: type, ce_time: new Date().toISOString() },
  });
}
