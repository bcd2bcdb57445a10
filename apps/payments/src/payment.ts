export type PaymentState = 'PROCESSING' | 'REQUIRES_CAPTURE' | 'SUCCEEDED' | 'CANCELED' | 'FAILED';
export type Move = 'authorize' | 'decline' | 'giveUp' | 'refuse' | 'capture' | 'void';
export type FailureReason = 'DECLINED' | 'PROVIDER_UNAVAILABLE' | 'PROVIDER_REFUSED';
/** What the provider has still to acknowledge. */
export type Pending = 'CAPTURE' | 'CANCEL';

export interface Amount {
  readonly currencyCode: string;
  readonly minorUnits: bigint;
}

/** What is known about the money of a payment, in the smallest unit of its currency. */
export interface Sums {
  readonly held: bigint;
  readonly captured: bigint;
  readonly refunded: bigint;
}

export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Amount;
  /** What of the captured amount went back, in the smallest unit of its currency. */
  readonly refunded: bigint;
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
  PROCESSING: {
    authorize: 'REQUIRES_CAPTURE',
    decline: 'FAILED',
    giveUp: 'FAILED',
    refuse: 'FAILED',
    void: 'CANCELED',
  },
  REQUIRES_CAPTURE: { capture: 'SUCCEEDED', void: 'CANCELED' },
  SUCCEEDED: {},
  CANCELED: {},
  FAILED: {},
};

const FAILURES: Readonly<Partial<Record<Move, FailureReason>>> = {
  decline: 'DECLINED',
  giveUp: 'PROVIDER_UNAVAILABLE',
  refuse: 'PROVIDER_REFUSED',
};

class IllegalMoveError extends Error {
  override readonly name = 'IllegalMoveError';

  constructor(payment: Payment, move: string) {
    const pending = payment.pending ? ` with a pending ${payment.pending}` : '';
    super(`payment ${payment.id} is ${payment.state}${pending}: it cannot ${move}`);
  }
}

/**
 * The payment after a move. Throws IllegalMoveError where the table has none, and for voiding what is being captured:
 * from the request to capture on there is only forward.
 * Giving up, being refused and voiding leave a CANCEL pending when the provider may hold something.
 */
export function moved(payment: Payment, move: Move): Payment {
  const state = MOVES[payment.state][move];
  if (!state || (move === 'void' && payment.pending)) throw new IllegalMoveError(payment, move);
  const closes = move === 'giveUp' || move === 'refuse' || move === 'void';
  const mayBeHeld = payment.providerPaymentId !== undefined && closes;
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

/** What the provider has to hold, to have taken and to have given back when it agrees with this payment. */
export function expectedSums({ state, amount, refunded }: Payment): Sums {
  return {
    held: state === 'REQUIRES_CAPTURE' ? amount.minorUnits : 0n,
    captured: state === 'SUCCEEDED' ? amount.minorUnits : 0n,
    refunded,
  };
}
