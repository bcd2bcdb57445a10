import { z } from 'zod';
import type { Amount } from './payment.js';
import {
  type PaymentProvider,
  type ProviderCall,
  type ProviderPayment,
  ProviderRefusedError,
  ProviderUnavailableError,
} from './provider.js';

const Intent = z.object({
  id: z.string(),
  status: z.string(),
  amount_capturable: z.int(),
  amount_received: z.int(),
  amount_refunded: z.int(),
});
const Refunded = z.object({ status: z.enum(['succeeded', 'failed']) });
const Found = z.object({ data: z.array(Intent) });
const Failure = z.object({
  error: z.object({
    type: z.string().default(''),
    code: z.string().optional(),
    param: z.string().optional(),
    payment_intent: Intent.optional(),
  }),
});
type Failure = z.infer<typeof Failure>['error'];
/** An intent, or why there is none; errors of the client's own making are thrown. */
type Reply = { intent: z.infer<typeof Intent>; failure?: Failure } | { intent?: undefined; failure: Failure };

/** The simulated provider, reached over HTTP. */
export class SimulatorProvider implements PaymentProvider {
  private readonly intents: string;
  private readonly refunds: string;

  constructor(url: URL) {
    this.intents = new URL('/v1/payment_intents', url).href;
    this.refunds = new URL('/v1/refunds', url).href;
  }

  async open({ orderId, amount }: { orderId: string; amount: Amount }, call: ProviderCall): Promise<string> {
    const { intent, failure } = await this.post('', call, {
      amount: Number(amount.minorUnits),
      currency: amount.currencyCode.toLowerCase(),
      capture_method: 'manual',
      metadata: { order_id: orderId },
    });
    if (!intent) throw refused('open', failure);
    return intent.id;
  }

  async authorize(
    id: string,
    paymentMethod: string,
    call: ProviderCall,
  ): Promise<'authorized' | 'declined' | 'canceled'> {
    const { intent, failure } = await this.post(`/${id}/confirm`, call, { payment_method: paymentMethod });
    if (failure?.type === 'card_error' || failure?.param === 'payment_method') return 'declined';
    if (intent?.status === 'requires_capture' || intent?.status === 'succeeded') return 'authorized';
    if (intent?.status === 'canceled') return 'canceled';
    throw refused('authorize', failure);
  }

  async capture(id: string, call: ProviderCall): Promise<void> {
    const { intent, failure } = await this.post(`/${id}/capture`, call);
    if (intent?.status !== 'succeeded') throw refused('capture', failure);
  }

  async cancel(id: string, call: ProviderCall): Promise<void> {
    const { intent, failure } = await this.post(`/${id}/cancel`, call);
    if (intent?.status !== 'canceled') throw refused('cancel', failure);
  }

  async refund(id: string, amount: Amount, call: ProviderCall): Promise<'refunded' | 'declined'> {
    const { status, body } = await send(this.refunds, call, { payment_intent: id, amount: Number(amount.minorUnits) });
    if (status >= 300) throw refused('refund', Failure.parse(body).error);
    return Refunded.parse(body).status === 'succeeded' ? 'refunded' : 'declined';
  }

  async find(orderId: string, signal: AbortSignal): Promise<ProviderPayment[]> {
    const query = new URLSearchParams({ query: `metadata["order_id"]:"${orderId}"` });
    const { status, body } = await exchange(`${this.intents}/search?${query}`, { signal });
    if (status !== 200) throw new ProviderRefusedError(`the provider refused to search: ${status}`);
    return Found.parse(body).data.map(({ id, amount_capturable, amount_received, amount_refunded }) => ({
      id,
      held: BigInt(amount_capturable),
      captured: BigInt(amount_received),
      refunded: BigInt(amount_refunded),
    }));
  }

  private async post(path: string, call: ProviderCall, parameters: object = {}): Promise<Reply> {
    const { status, body } = await send(this.intents + path, call, parameters);
    if (status < 300) return { intent: Intent.parse(body) };
    const failure = Failure.parse(body).error;
    return failure.payment_intent ? { intent: failure.payment_intent, failure } : { failure };
  }
}

function send(url: string, { key, signal }: ProviderCall, parameters: object) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return exchange(url, { method: 'POST', headers, body: JSON.stringify(parameters), signal });
}

/** One HTTP exchange. Throws ProviderUnavailableError when nobody can know what it did. */
async function exchange(url: string, request: RequestInit): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, { ...request, redirect: 'error' })
    .then(async (response) => ({ status: response.status, body: (await response.json()) as unknown }))
    .catch((error: unknown) => {
      throw new ProviderUnavailableError('the provider did not answer', { cause: error });
    });
  if (answer.status >= 500 || answer.status === 409 || answer.status === 429) {
    throw new ProviderUnavailableError(`the provider answered ${answer.status}`);
  }
  return answer;
}

function refused(operation: string, failure: Failure | undefined): ProviderRefusedError {
  return new ProviderRefusedError(`the provider refused to ${operation}: ${failure?.code ?? failure?.type ?? '?'}`);
}
