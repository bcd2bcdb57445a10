import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { takeUnits } from '../src/reservations/take-units.store.js';
import type { InventoryTables } from '../src/tables.js';

const HELP = `Reservations per second on one product, by 16 clients, beside the same work with a SELECT … FOR UPDATE first.

  node --import ./test/typescript.mjs apps/inventory/bench/reserve.bench.ts --database URL

  --database URL   a database that has the tables of inventory, of a role that may write them
  --seconds N      of each way; default 5`;

const CLIENTS = 16;
const SKU = 'bench';

type Db = Kysely<InventoryTables>;
/** Reserves one unit, in a transaction. */
type Way = (db: Db) => Promise<unknown>;

const wish = () => ({
  orderId: randomUUID(),
  customerId: 'bench',
  lines: [{ sku: SKU, quantity: 1 }],
  ttlMs: 600_000,
});

/** What the service does. */
const oneStatement: Way = (db) => takeUnits(db, wish());

/** The way of most shops: look under a lock, decide in the application, write. */
const selectForUpdate: Way = async (db) => {
  const { orderId, customerId } = wish();
  const place = { sku: SKU, warehouse: 'main' };
  const found = await db
    .selectFrom('stock')
    .select('available')
    .where('sku', '=', SKU)
    .where('warehouse', '=', 'main')
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (found.available < 1) return;
  const expires = new Date(Date.now() + 600_000);
  const reservation = { order_id: orderId, customer_id: customerId, state: 'ACTIVE' as const, expire_time: expires };
  await db.insertInto('reservations').values(reservation).execute();
  await db
    .insertInto('reservation_lines')
    .values({ order_id: orderId, ...place, quantity: 1 })
    .execute();
  await sql`UPDATE stock SET reserved = reserved + 1 WHERE sku = ${SKU} AND warehouse = 'main'`.execute(db);
  await db
    .insertInto('stock_movements')
    .values({ ...place, kind: 'reserve', quantity: 1, order_id: orderId })
    .execute();
};

async function measure(db: Db, way: Way, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const client = async () => {
    for (; performance.now() < end; done++) await db.transaction().execute(way);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return done / seconds;
}

async function prepare(db: Db): Promise<void> {
  await sql`INSERT INTO products (sku, title, description, currency_code, minor_units, tags, image_url)
    VALUES (${SKU}, 'Bench', '', 'USD', 1, '{}', '') ON CONFLICT DO NOTHING`.execute(db);
  await sql`INSERT INTO stock (sku, warehouse, stocked) VALUES (${SKU}, 'main', 100000000)
    ON CONFLICT DO NOTHING`.execute(db);
}

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, database: { type: 'string' }, seconds: { type: 'string', default: '5' } },
});
if (values.help || !values.database) {
  console.log(HELP);
} else {
  const options = '-c search_path=inventory';
  const pool = new pg.Pool({ connectionString: values.database, options, max: CLIENTS });
  const db: Db = new Kysely({ dialect: new PostgresDialect({ pool }) });
  await prepare(db);
  const seconds = Number(values.seconds);
  await measure(db, oneStatement, 1);
  const statement = await measure(db, oneStatement, seconds);
  const select = await measure(db, selectForUpdate, seconds);
  console.log(`one statement:     ${Math.round(statement)} reservations/s`);
  console.log(`select for update: ${Math.round(select)} reservations/s`);
  console.log(`ratio:             ${(statement / select).toFixed(2)}`);
  await db.destroy();
}
