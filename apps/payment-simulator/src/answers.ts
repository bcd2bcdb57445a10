import type { Intent, RefundRefusal } from './intent.js';

/** What a client gets. Bodies have the field names of Stripe's API. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

export function intentBody(intent: Intent): object {
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: Number(intent.amount),
    currency: intent.currency,
    capture_method: 'manual',
    status: intent.status,
    amount_received: intent.status === 'succeeded' ? Number(intent.amount) : 0,
    // Stripe tells this of the intent's charge; here an intent is its only charge.
    amount_refunded: Number(intent.amountRefunded),
    amount_capturable: intent.status === 'requires_capture' ? Number(intent.amount) : 0,
    metadata: { order_id: intent.orderId },
    created: Math.floor(intent.createdAt.getTime() / 1000),
  };
}

export function answerIntent(intent: Intent): Answer {
  return { status: 200, body: intentBody(intent) };
}

export interface Refund {
  readonly id: string;
  readonly intentId: string;
  readonly amount: bigint;
  readonly status: 'succeeded' | 'failed';
}

/** A refund that failed is an answer like any other: it is there, and it gave nothing back. */
export function answerRefund({ id, intentId, amount, status }: Refund, { currency }: Intent): Answer {
  const body = { id, object: 'refund', payment_intent: intentId, amount: Number(amount), currency, status };
  return { status: 200, body: status === 'failed' ? { ...body, failure_reason: 'declined' } : body };
}

export function answerNotRefundable(code: RefundRefusal): Answer {
  const message = 'This amount of the payment intent cannot be given back.';
  return { status: 400, body: { error: { type: 'invalid_request_error', code, message } } };
}

export function answerDeclined(intent: Intent): Answer {
  return {
    status: 402,
    body: {
      error: {
        type: 'card_error',
        code: 'card_declined',
        message: 'Your card was declined.',
        payment_intent: intentBody(intent),
      },
    },
  };
}

export function answerUnexpectedState(intent: Intent, operation: string): Answer {
  const message = `You cannot ${operation} a payment intent that is ${intent.status}.`;
  return {
    status: 400,
    body: {
      error: {
        type: 'invalid_request_error',
        code: 'payment_intent_unexpected_state',
        message,
        payment_intent: intentBody(intent),
      },
    },
  };
}

export function answerInvalid(message: string, param?: string): Answer {
  return { status: 400, body: { error: { type: 'invalid_request_error', message, ...(param ? { param } : {}) } } };
}

export function answerNotFound(id: string): Answer {
  const message = `No such payment_intent: '${id}'`;
  return { status: 404, body: { error: { type: 'invalid_request_error', code: 'resource_missing', message } } };
}

export function answerKeyReused(): Answer {
  const message = 'This Idempotency-Key was used with other parameters.';
  return { status: 400, body: { error: { type: 'idempotency_error', message } } };
}

export function answerUnavailable(): Answer {
  return { status: 503, body: { error: { type: 'api_error', message: 'The card network does not answer.' } } };
}
