/** How the provider treats a payment method; nothing set: it authorizes and answers at once. */
export interface Behaviour {
  readonly declines?: true;
  /** 503 and nothing booked, each time. */
  readonly unavailable?: true;
  /** Books at once, answers after so many milliseconds. */
  readonly answersAfterMs?: number;
  /** Books, then leaves the client waiting; the answer is there for the next try under the same key. */
  readonly neverAnswers?: true;
  /** What refunds of its payments do. Default: give back and answer at once. */
  readonly refunds?: RefundBehaviour;
}

/**
 * declined: refused for good. silent: gives back and leaves the client waiting, until the next try under the same key.
 * away: 503 and nothing booked for the first calls under a key, then gives back.
 */
export type RefundBehaviour = 'well' | 'declined' | 'silent' | 'away';

/** So many calls under one key are answered 503 by a provider that is away for refunds. */
export const CALLS_AWAY = 5;

const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map([
  ['pm_card_visa', {}],
  ['pm_card_chargeDeclined', { declines: true }],
  ['pm_card_slow', { answersAfterMs: 2_000 }],
  ['pm_card_timeoutThenSuccess', { neverAnswers: true }],
  ['pm_card_unavailable', { unavailable: true }],
  ['pm_card_refundDeclined', { refunds: 'declined' }],
  ['pm_card_refundTimeoutThenSuccess', { refunds: 'silent' }],
  ['pm_card_refundUnavailable', { refunds: 'away' }],
] as const);

/** What the token of a payment method makes the provider do; undefined for a token that it does not know. */
export function behaviourOf(paymentMethod: string): Behaviour | undefined {
  return BEHAVIOURS.get(paymentMethod);
}
