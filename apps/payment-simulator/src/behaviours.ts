/** How the provider treats a payment method; nothing set: it authorizes and answers at once. */
export interface Behaviour {
  readonly declines?: true;
  /** 503 and nothing booked, each time. */
  readonly unavailable?: true;
  /** Books at once, answers after so many milliseconds. */
  readonly answersAfterMs?: number;
  /** Books, then leaves the client waiting; the answer is there for the next try under the same key. */
  readonly neverAnswers?: true;
}

const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map([
  ['pm_card_visa', {}],
  ['pm_card_chargeDeclined', { declines: true }],
  ['pm_card_slow', { answersAfterMs: 2_000 }],
  ['pm_card_timeoutThenSuccess', { neverAnswers: true }],
  ['pm_card_unavailable', { unavailable: true }],
] as const);

/** What the token of a payment method makes the provider do; undefined for a token that it does not know. */
export function behaviourOf(paymentMethod: string): Behaviour | undefined {
  return BEHAVIOURS.get(paymentMethod);
}
