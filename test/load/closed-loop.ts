import { setTimeout as delay } from 'node:timers/promises';
import type { Account, ShopClient } from '../e2e/shop-client.js';
import { CONFIRMED, type Outcome, wordsOf } from './outcome.js';

export interface ShoppingWorld {
  readonly shop: ShopClient;
  readonly buyers: readonly Account[];
  readonly skus: readonly string[];
}

/** Seconds that a buyer waits for the end of an order, at most; the API allows no more. */
const MOST_WAIT_SECONDS = 30;
const SIGN_UPS_AT_ONCE = 4;
const UNITS = 1_000_000;

/** So many new buyers, signed in, and so many new products with more stock than any load takes. */
export async function prepareWorld(shop: ShopClient, buyers: number, products: number): Promise<ShoppingWorld> {
  const accounts: Account[] = [];
  const signUps = Array.from({ length: Math.min(SIGN_UPS_AT_ONCE, buyers) }, async (_, first) => {
    for (let index = first; index < buyers; index += SIGN_UPS_AT_ONCE) accounts.push(await shop.signUp());
  });
  await Promise.all(signUps);
  const skus: string[] = [];
  for (let index = 0; index < products; index++) skus.push(await shop.product(UNITS));
  return { shop, buyers: accounts, skus };
}

/**
 * Buyers who each submit an order, wait for its end, and submit the next: as many orders are open as there are buyers, so that
 * the store is offered what it can carry, and no more.
 */
export class ClosedLoop {
  readonly outcomes: Outcome[] = [];
  private readonly world: ShoppingWorld;
  private readonly buyers: Promise<void>[];
  private running = true;

  constructor(world: ShoppingWorld) {
    this.world = world;
    this.buyers = world.buyers.map((buyer, index) => this.buy(buyer, index));
  }

  /** Lets no new order start, and ends when every open one has its answer. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.buyers);
  }

  private async buy(buyer: Account, first: number): Promise<void> {
    const { skus } = this.world;
    for (let round = first; this.running; round++) {
      const outcome = await this.order(buyer, skus[round % skus.length] ?? '');
      this.outcomes.push(outcome);
      // Whoever is refused comes back after a while, lest the refusals be the load.
      if (outcome.answer !== CONFIRMED) await delay(1000);
    }
  }

  private async order({ token }: Account, sku: string): Promise<Outcome> {
    const submitted = performance.now();
    const answer = await this.world.shop.submit(token, { sku, wait: MOST_WAIT_SECONDS }).then(wordsOf, whyNot);
    return { answer, submitted, ended: performance.now() };
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  const { cause } = error;
  return `no answer: ${cause instanceof Error && cause.message ? cause.message : error.message}`;
}
