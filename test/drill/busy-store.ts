import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '#libs/embedded';
import { expectStatus, Shop, textIn } from '../e2e/shop.js';
import { OrderLoad } from '../faults/order-load.js';
import { RefundLoad } from '../faults/refund-load.js';

const METHODS = [
  'pm_card_visa',
  'pm_card_visa',
  'pm_card_timeoutThenSuccess',
  'pm_card_chargeDeclined',
  'pm_card_slow',
];
const REFUNDED = 40;

/** Everything that changes a store's books, going on at once. */
export class BusyStore {
  static async open(url: string): Promise<BusyStore> {
    const shop = new Shop(url);
    const { token } = await shop.admin();
    const sku = await shop.product(1_000_000);
    const scarce = await shop.product(60);
    const buyers = await Promise.all(Array.from({ length: 8 }, () => shop.signUp()));
    const common = { url, buyers, concurrency: 6, thinkMs: 250, paymentMethods: METHODS };
    const orders = await Promise.all(
      Array.from({ length: REFUNDED }, (_, at) => placed(shop, { sku, buyer: buyers[at % 8] })),
    );
    const loads = [new OrderLoad({ ...common, sku }), new OrderLoad({ ...common, sku: scarce, concurrency: 2 })];
    const refunds = new RefundLoad({ shop, token, orders, thinkMs: 1_500 });
    return new BusyStore(shop, { loads, refunds, skus: [sku, scarce], token, orders });
  }

  private readonly stopped = new AbortController();
  private readonly shelves: Promise<void>;

  private constructor(
    readonly shop: Shop,
    private readonly parts: {
      readonly loads: readonly OrderLoad[];
      readonly refunds: RefundLoad;
      readonly skus: readonly string[];
      readonly token: string;
      readonly orders: readonly string[];
    },
  ) {
    this.shelves = this.keepShelves();
  }

  /** Ids of all orders that a client was promised. */
  get accepted(): string[] {
    return [...this.parts.orders, ...this.parts.loads.flatMap((load) => load.accepted)];
  }

  get refunds(): string[] {
    return this.parts.refunds.asked.flatMap(({ refundIds }) => [...refundIds]);
  }

  /** Resolves when so many more orders were accepted. */
  async more(orders: number): Promise<void> {
    const wanted = this.accepted.length + orders;
    const look = () => this.accepted.length >= wanted;
    await waitFor(look, { timeout: 120_000, what: `${orders} more orders` });
  }

  /** Nobody asks for anything new; resolves when all that was asked has its answer. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all([...this.parts.loads.map((load) => load.stop()), this.parts.refunds.stop(), this.shelves]);
  }

  /** Deliveries, a few units that are taken back, and new titles. */
  private async keepShelves(): Promise<void> {
    const { signal } = this.stopped;
    for (let round = 1; !signal.aborted; round++) {
      for (const sku of this.parts.skus) await this.change(sku, round).catch(() => {});
      await delay(500, undefined, { signal }).catch(() => {});
    }
  }

  private async change(sku: string, round: number): Promise<void> {
    const { token } = this.parts;
    const body = { warehouse: 'main', delta: round % 3 === 0 ? -1 : 2, reason: 'delivery' };
    await this.shop.call('POST', `/v1/products/${sku}:adjustStock`, { token, body });
    await this.shop.call('PATCH', `/v1/products/${sku}`, { token, body: { title: `A thing, edition ${round}` } });
  }
}

async function placed(
  shop: Shop,
  { sku, buyer }: { sku: string; buyer: { token: string } | undefined },
): Promise<string> {
  if (!buyer) throw new Error('no buyer');
  const id = textIn(expectStatus(await shop.submit(buyer.token, { sku }), 201), 'id');
  await shop.ended(buyer.token, id, 60_000);
  return id;
}
