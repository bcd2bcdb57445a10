import { AuthorizePaymentSchema, PaymentAuthorizedSchema } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Past, Recovery } from '#libs/recovery';
import { LedgerStore } from '../ledger.store.js';
import { moved, type Payment } from '../payment.js';
import { type NewPayment, PaymentsStore } from '../payments.store.js';
import type { PaymentProvider, ProviderPayment } from '../provider.js';

const TOPICS = ['payments.commands.v1', 'orders.replies.v1'];
const PROVIDER_MS = 10_000;

/**
 * Payments that were authorized and are not known any more, or not as that. Their command comes again; but were it asked anew, a
 * provider that is slow today could make a payment fail that was captured long ago. Everything after it is repeated until the
 * provider answers, and may come again as it is.
 */
export class RecoverPayments {
  private readonly payments: PaymentsStore;
  private readonly ledger: LedgerStore;

  constructor(
    private readonly database: Database,
    private readonly provider: Pick<PaymentProvider, 'find'>,
  ) {
    this.payments = new PaymentsStore(database.withTables());
    this.ledger = new LedgerStore(database.withTables());
  }

  /** Resolves to their number. Rejects when the provider is away. */
  async run({ past, say }: Pick<Recovery, 'past' | 'say'>): Promise<number> {
    let recovered = 0;
    for (const messages of (await past(TOPICS)).values()) if (await this.recover(messages)) recovered++;
    say(`${recovered} authorized payments were missing`);
    return recovered;
  }

  private async recover(messages: readonly Past[]): Promise<boolean> {
    const wanted = messages.map(wantedBy).find((found) => found !== undefined);
    if (!wanted || !messages.some((message) => message.as(PaymentAuthorizedSchema))) return false;
    const known = await this.payments.find(wanted.orderId);
    if (known && known.state !== 'PROCESSING') return false;
    const atProvider = await this.provider.find(wanted.orderId, AbortSignal.timeout(PROVIDER_MS));
    const intent = intentOf(atProvider);
    if (!intent) return false; // nothing was authorized there: whatever that means, the command that comes again finds out
    return this.database.transaction(() => this.authorize(wanted, intent));
  }

  private async authorize(wanted: NewPayment, intent: ProviderPayment): Promise<boolean> {
    await this.payments.begin(wanted);
    const payment = await this.payments.lock(wanted.orderId);
    if (payment?.state !== 'PROCESSING') return false;
    if (!(await this.payments.bind(payment.orderId, intent.id)))
      throw new Error(`payment ${payment.id} has another id at the provider than ${intent.id}`);
    const bound: Payment = { ...payment, providerPaymentId: intent.id };
    await this.payments.save(moved(bound, 'authorize'));
    await this.ledger.post('HOLD', payment.orderId, payment.amount);
    return true;
  }
}

function wantedBy(message: Past): NewPayment | undefined {
  const command = message.as(AuthorizePaymentSchema);
  if (!command?.amount) return undefined;
  const { orderId, customerId, amount } = command;
  return { orderId, customerId, amount: { currencyCode: amount.currencyCode, minorUnits: amount.minorUnits } };
}

/** The one with money in it; of an authorization that was voided since, the one that there is. */
function intentOf(found: readonly ProviderPayment[]): ProviderPayment | undefined {
  return found.find(({ held, captured }) => held > 0n || captured > 0n) ?? found[0];
}
