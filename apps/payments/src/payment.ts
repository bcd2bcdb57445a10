export type PaymentState = 'PROCESSING' | 'REQUIRES_CAPTURE' | 'SUCCEEDED' | 'CANCELED' | 'FAILED';
export type Move = 'authorize' | 'decline' | 'giveUp' | 'capture' | 'void';
export type FailureReason = 'DECLINED' | 'PROVIDER_UNAVAILABLE';
/** What the provider has still to acknowledge. */
export type Pending = 'CAPTURE' | 'CANCEL';

export interface Amount {
  readonly currencyCode: string;
  readonly minorUnits: bigint;
}

export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Amount;
  readonly state: PaymentState;
  readonly failureReason?: FailureReason | undefined;
  /** Set before anything can be held under it. */
  readonly providerPaymentId?: string | undefined;
  readonly pending?: Pending | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** After Stripe's PaymentIntent, with manual capture. SUCCEEDED, CANCELED and FAILED are the end. */
const MOVES: Readonly<Record<PaymentState, Readonly<Partial<Record<Move, PaymentState>>>>> = {
  PROCESSING: { authorize: 'REQUIRES_CAPTURE', decline: 'FAILED', giveUp: 'FAILED', void: 'CANCELED' },
  REQUIRES_CAPTURE: { capture: 'SUCCEEDED', void: 'CANCELED' },
  SUCCEEDED: {},
  CANCELED: {},
  FAILED: {},
};

const FAILURES: Readonly<Partial<Record<Move, FailureReason>>> = {
  decline: 'DECLINED',
  giveUp: 'PROVIDER_UNAVAILABLE',
};

export class IllegalMoveError extends Error {
  override readonly name = 'IllegalMoveError';

  constructor(payment: Payment, move: string) {
    const pending = payment.pending ? ` with a pending ${payment.pending}` : '';
    super(`payment ${payment.id} is ${payment.state}${pending}: it cannot ${move}`);
  }
}

/**
 * The payment after a move. Throws IllegalMoveError where the table has none, and for voiding what is being captured:
 * from the request to capture on there is only forward.
 * Giving up and voiding leave a CANCEL pending when the provider may hold something.
 */
export function moved(payment: Payment, move: Move): Payment {
  const state = MOVES[payment.state][move];
  if (!state || (move === 'void' && payment.pending)) throw new IllegalMoveError(payment, move);
  const mayBeHeld = payment.providerPaymentId !== undefined && (move === 'giveUp' || move === 'void');
  return { ...payment, state, failureReason: FAILURES[move], pending: mayBeHeld ? 'CANCEL' : undefined };
}

/** The payment from which on only the capture can follow. Asking again changes nothing. */
export function captureRequested(payment: Payment): Payment {
  if (payment.state !== 'REQUIRES_CAPTURE') throw new IllegalMoveError(payment, 'be captured');
  return { ...payment, pending: 'CAPTURE' };
}

export function isFinal(state: PaymentState): boolean {
  return Object.keys(MOVES[state]).length === 0;
}

/** What the provider has to hold and to have taken when it agrees with this state. */
export function expectedSums({ state, amount }: Payment): { held: bigint; captured: bigint } {
  return {
    held: state === 'REQUIRES_CAPTURE' ? amount.minorUnits : 0n,
    captured: state === 'SUCCEEDED' ? amount.minorUnits : 0n,
  };
}
