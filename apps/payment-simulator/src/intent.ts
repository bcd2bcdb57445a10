export type Status =
  | 'requires_confirmation'
  | 'requires_payment_method'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

export type Operation = 'confirm' | 'capture' | 'cancel';

export interface Intent {
  readonly id: string;
  readonly orderId: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly status: Status;
  readonly amountRefunded: bigint;
  readonly createdAt: Date;
}

export interface Movement {
  readonly kind: 'authorization' | 'capture' | 'release';
  readonly held: bigint;
  readonly captured: bigint;
}

/** Why an intent gives nothing back; the codes are Stripe's. */
export type RefundRefusal = 'charge_not_captured' | 'charge_already_refunded' | 'amount_too_large';

/** What an operation does to an intent. */
export interface Change {
  readonly status: Status;
  readonly movement?: Movement;
}

/**
 * The provider's rules: what the operation does to an intent in this state, undefined where the state forbids it.
 * A canceled intent never holds anything again.
 */
export function changeOf(intent: Intent, operation: Operation, declined = false): Change | undefined {
  const { status, amount } = intent;
  const fresh = status === 'requires_confirmation' || status === 'requires_payment_method';
  if (operation === 'confirm' && fresh) {
    if (declined) return { status: 'requires_payment_method' };
    return { status: 'requires_capture', movement: { kind: 'authorization', held: amount, captured: 0n } };
  }
  if (operation === 'capture' && status === 'requires_capture') {
    return { status: 'succeeded', movement: { kind: 'capture', held: -amount, captured: amount } };
  }
  if (operation === 'cancel' && fresh) return { status: 'canceled' };
  if (operation === 'cancel' && status === 'requires_capture') {
    return { status: 'canceled', movement: { kind: 'release', held: -amount, captured: 0n } };
  }
  return undefined;
}

/** Why this amount of the intent cannot be given back; undefined where it can. */
export function refundRefusal({ status, amount, amountRefunded }: Intent, wanted: bigint): RefundRefusal | undefined {
  if (status !== 'succeeded') return 'charge_not_captured';
  if (amountRefunded === amount) return 'charge_already_refunded';
  return wanted > amount - amountRefunded ? 'amount_too_large' : undefined;
}
