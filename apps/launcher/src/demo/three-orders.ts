import type { Answer, Order, Product, StoreClient } from '#libs/client';

export interface Shopping {
  /** What was not as it should be, one sentence each. */
  failures: string[];
  /** Trace of the order that was confirmed. */
  traceId: string | undefined;
}

interface Wish {
  title: string;
  quantity: number;
  paymentMethod: string;
  expected: string;
}

/** Lists the products, then places an order that is confirmed, one out of stock and one whose payment is declined. */
export async function shopThreeTimes(store: StoreClient, say: (line: string) => void): Promise<Shopping> {
  const { products } = await store.inventory.listProducts({ pageSize: 100 });
  say('\nProducts:');
  for (const product of products) say(`  ${describe(product)}`);
  const wanted = products.find((product) => product.available >= 1 && product.available < 1000);
  if (!wanted) throw new Error('Nothing is in stock: npm run reset gives fresh demo data');
  const wishes: Wish[] = [
    { title: 'An order', quantity: 1, paymentMethod: 'pm_card_visa', expected: 'CONFIRMED' },
    {
      title: 'One more than there is',
      quantity: wanted.available + 1, // at least one was just bought
      paymentMethod: 'pm_card_visa',
      expected: 'REJECTED/OUT_OF_STOCK',
    },
    {
      title: 'A card that is declined',
      quantity: 1,
      paymentMethod: 'pm_card_chargeDeclined',
      expected: 'REJECTED/PAYMENT_DECLINED',
    },
  ];
  const shopping: Shopping = { failures: [], traceId: undefined };
  for (const wish of wishes) {
    say(`\n${wish.title}: ${wish.quantity} × ${wanted.sku}, paid by ${wish.paymentMethod}`);
    const { outcome, traceId } = await placeAndWatch(store, { sku: wanted.sku, wish, say });
    shopping.traceId ??= traceId;
    if (outcome !== wish.expected) shopping.failures.push(`${wish.title} ended ${outcome}, not ${wish.expected}`);
  }
  return shopping;
}

async function placeAndWatch(
  store: StoreClient,
  { sku, wish, say }: { sku: string; wish: Wish; say: (line: string) => void },
): Promise<{ outcome: string; traceId: string | undefined }> {
  const started = performance.now();
  const { quantity, paymentMethod } = wish;
  let traceId: string | undefined;
  const onAnswer = (answer: Answer) => {
    traceId = answer.traceId;
  };
  const { id } = await store.orders.placeOrder({ lines: [{ sku, quantity }], paymentMethod }, { onAnswer });
  say(`  order ${id}, trace ${traceId ?? 'unknown'}`);
  let outcome = '';
  for await (const { order } of store.orders.watchOrder({ id })) {
    if (!order) continue;
    outcome = outcomeOf(order);
    say(`  ${(performance.now() - started).toFixed(0).padStart(6)} ms  ${outcome}`);
  }
  return { outcome, traceId };
}

/** "PENDING", "CONFIRMED", "REJECTED/OUT_OF_STOCK". */
function outcomeOf({ state = 'PENDING', reason }: Order): string {
  return reason === undefined ? state : `${state}/${reason}`;
}

function describe({ sku, title, price, available }: Product): string {
  const amount = price ? `${(Number(price.minorUnits) / 100).toFixed(2)} ${price.currencyCode}` : '';
  return `${sku.padEnd(24)} ${title.padEnd(36)} ${amount.padStart(12)}  ${available} available`;
}
