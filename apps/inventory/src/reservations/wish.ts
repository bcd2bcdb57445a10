import { durationMs } from '@bufbuild/protobuf/wkt';
import type { ReserveStock } from '#libs/contracts';

/** What an order asks for, checked. */
export interface Wish {
  readonly orderId: string;
  readonly customerId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly ttlMs: number;
}

const MAX_LINES = 100;
const MAX_TTL_MS = 24 * 60 * 60 * 1000;

/**
 * Parses a ReserveStock. Throws on what no correct sender asks for - a quantity below one would give other orders'
 * units away - so that the message ends among the dead letters. A quantity that is merely huge is out of stock.
 */
export function parseWish(command: ReserveStock): Wish {
  const ttlMs = command.ttl ? durationMs(command.ttl) : 0;
  const wrong = [
    !/^[0-9a-f-]{36}$/i.test(command.orderId) && 'order_id is no UUID',
    (command.lines.length === 0 || command.lines.length > MAX_LINES) && `lines: 1 to ${MAX_LINES} are allowed`,
    command.lines.some((line) => line.quantity < 1) && 'a quantity is below 1',
    !(ttlMs > 0 && ttlMs <= MAX_TTL_MS) && 'ttl is not between 0 and 24 hours',
  ].filter((complaint) => complaint !== false);
  if (wrong.length > 0) throw new Error(`ReserveStock of order "${command.orderId}" is not valid: ${wrong.join('; ')}`);
  const lines = command.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return { orderId: command.orderId, customerId: command.customerId, lines, ttlMs };
}
