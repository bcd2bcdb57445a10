import type { Amount } from './payment.js';

/** The key makes a repeated call the same call; the signal is its deadline. */
export interface ProviderCall {
  readonly key: string;
  readonly signal: AbortSignal;
}

/** What the provider knows about one of its payments. */
export interface ProviderPayment {
  readonly id: string;
  readonly held: bigint;
  readonly captured: bigint;
  readonly refunded: bigint;
}

/**
 * Who holds and takes the money. Shaped after Stripe's PaymentIntents with manual capture (create, confirm, capture,
 * cancel, search) and Refunds. Each method throws ProviderUnavailableError when the result is unknown: the same call under the same
 * key then finds it out. Every other error means that the provider understood the call and refuses it for good.
 */
export interface PaymentProvider {
  /** Opens a payment of the order, which holds nothing yet, and tells its id. Never confirmed, it never will. */
  open(order: { orderId: string; amount: Amount }, call: ProviderCall): Promise<string>;
  /** Holds the amount. `canceled`: `cancel` came first; nothing is held, and nothing can be any more. */
  authorize(id: string, paymentMethod: string, call: ProviderCall): Promise<'authorized' | 'declined' | 'canceled'>;
  /** Takes what is held. Fulfilled too when it was taken before. */
  capture(id: string, call: ProviderCall): Promise<void>;
  /** Lets go what is held and closes the payment for good, so that an `authorize` on its way holds nothing. */
  cancel(id: string, call: ProviderCall): Promise<void>;
  /**
   * Gives back an amount of what was taken, once per key. `declined`: the provider took the call and will never give it
   * back. Several refunds are possible, never more than was taken.
   */
  refund(id: string, amount: Amount, call: ProviderCall): Promise<'refunded' | 'declined'>;
  /** All payments that the provider has for the order. */
  find(orderId: string, signal: AbortSignal): Promise<ProviderPayment[]>;
}

/** Token under which the provider is injected. */
export const PAYMENT_PROVIDER = Symbol('PaymentProvider');

/** No answer, or one that leaves the result open: time-out, lost connection, 409, 429, 5xx. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError';
}

/** The provider understood the call and will never do it. */
export class ProviderRefusedError extends Error {
  override readonly name = 'ProviderRefusedError';
}
