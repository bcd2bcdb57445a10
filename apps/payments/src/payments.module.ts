import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#libs/database';
import { MessagingModule } from '#libs/messaging';
import { operatorRoom } from '#libs/operator';
import { kafkaOf } from '#libs/service';
import { AuthorizePaymentHandler } from './authorize-payment.js';
import { CapturePaymentHandler } from './capture-payment.js';
import { CheckLedger } from './check-ledger.js';
import type { PaymentsConfig } from './config.js';
import { DueStore } from './due.store.js';
import { FinishPending, PendingWork } from './finish-pending.js';
import { ForgetCustomerHandler } from './forget-customer/forget-customer.handler.js';
import { ForgetCustomerStore } from './forget-customer/forget-customer.store.js';
import { LedgerStore } from './ledger.store.js';
import { ListPaymentsHandler } from './list-payments/list-payments.handler.js';
import { LedgerEntriesStore } from './operator/ledger-entries.store.js';
import { PaymentsDesk } from './operator/payments.desk.js';
import { PaymentClosing } from './payment-closing.js';
import { PaymentMoves } from './payment-moves.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsStore } from './payments.store.js';
import { PAYMENT_PROVIDER } from './provider.js';
import { ProviderCalls } from './provider-calls.js';
import { Reconcile } from './reconcile.js';
import { AskRefund } from './refund-payment/ask-refund.js';
import { FinishRefunds } from './refund-payment/finish-refunds.js';
import { RefundOutcome } from './refund-payment/refund-outcome.js';
import { RefundPaymentHandler } from './refund-payment/refund-payment.js';
import { RefundsStore } from './refund-payment/refunds.store.js';
import { Replies } from './replies.js';
import { SimulatorProvider } from './simulator-provider.js';
import { VoidPaymentHandler } from './void-payment.js';

const STORES = [PaymentsStore, RefundsStore, LedgerStore, DueStore, ForgetCustomerStore];
const RULES = [PaymentMoves, PaymentClosing, ProviderCalls, AskRefund, RefundOutcome, Replies];
const JOBS = [PendingWork, FinishPending, FinishRefunds, Reconcile, CheckLedger];
const COMMANDS = [AuthorizePaymentHandler, VoidPaymentHandler, CapturePaymentHandler, RefundPaymentHandler];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class PaymentsModule {
  static forRoot(config: PaymentsConfig): DynamicModule {
    const { DATABASE_URL, PROVIDER_URL } = config;
    return {
      module: PaymentsModule,
      imports: [
        DatabaseModule.forRoot({ url: DATABASE_URL, applicationName: 'payments', maxConnections: 20 }),
        MessagingModule.forRoot({ service: 'payments', ...kafkaOf(config) }),
      ],
      controllers: [PaymentsController, ListPaymentsHandler, ...COMMANDS, ForgetCustomerHandler],
      providers: [
        ...STORES,
        ...RULES,
        ...JOBS,
        { provide: PAYMENT_PROVIDER, useFactory: () => new SimulatorProvider(PROVIDER_URL) },
        LedgerEntriesStore,
        ...operatorRoom({ config, desks: [PaymentsDesk] }),
      ],
    };
  }
}
