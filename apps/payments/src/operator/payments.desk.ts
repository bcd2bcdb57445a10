import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import { type LedgerFile_EntrySchema, type LedgerFileSchema, OperatorPayments } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { Desk, Verbs } from '#libs/operator';
import type { Payment } from '../payment.js';
import { PaymentsStore } from '../payments.store.js';
import { PAYMENT_PROVIDER, type PaymentProvider } from '../provider.js';
import { LedgerEntriesStore, type LedgerEntry } from './ledger-entries.store.js';

const PROVIDER_LIMIT_MS = 3_000;

type LedgerFile = MessageInitShape<typeof LedgerFileSchema>;

/** Money for operators: a payment beside the ledger and the provider's own book. */
@Injectable()
export class PaymentsDesk implements Desk<typeof OperatorPayments> {
  readonly service = OperatorPayments;
  readonly verbs: Verbs<typeof OperatorPayments> = { showLedger: ({ orderId }) => this.show(orderId) };

  constructor(
    private readonly payments: PaymentsStore,
    private readonly entries: LedgerEntriesStore,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
  ) {}

  private async show(orderId: string): Promise<LedgerFile> {
    const payment = await this.payments.find(orderId);
    if (!payment) throw new DomainError('PAYMENT_NOT_FOUND');
    const [entries, provider] = await Promise.all([this.entries.of(orderId), this.askProvider(orderId)]);
    return { ...paymentToProto(payment), entries: entries.map(entryToProto), ...provider };
  }

  /** The ledger can be read also while the provider is away. */
  private async askProvider(orderId: string): Promise<Pick<LedgerFile, 'provider' | 'providerError'>> {
    try {
      const found = await this.provider.find(orderId, AbortSignal.timeout(PROVIDER_LIMIT_MS));
      const provider = found.map(({ id, held, captured, refunded }) => ({
        ...{ id, heldMinorUnits: held, capturedMinorUnits: captured, refundedMinorUnits: refunded },
      }));
      return { provider };
    } catch (error) {
      return { providerError: error instanceof Error ? error.name : 'failed' };
    }
  }
}

const paymentToProto = (payment: Payment) => ({
  paymentId: payment.id,
  orderId: payment.orderId,
  state: payment.state,
  failureReason: payment.failureReason ?? '',
  pending: payment.pending ?? '',
  amount: payment.amount,
  providerPaymentId: payment.providerPaymentId ?? '',
  createTime: timestampFromDate(payment.createdAt),
  updateTime: timestampFromDate(payment.updatedAt),
});

const entryToProto = ({
  kind,
  created_at,
  postings,
}: LedgerEntry): MessageInitShape<typeof LedgerFile_EntrySchema> => ({
  kind,
  time: timestampFromDate(created_at),
  postings: postings.map(({ account, currency_code: currencyCode, minor_units: minorUnits }) => ({
    ...{ account, amount: { currencyCode, minorUnits } },
  })),
});
