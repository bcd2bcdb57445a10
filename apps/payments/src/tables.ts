import type { ColumnType, Generated } from 'kysely';
import type { Account, EntryKind } from './ledger.js';
import type { FailureReason, PaymentState, Pending } from './payment.js';
import type { RefundRejection, RefundState } from './refund-payment/refund.js';

/** The tables of the schema `payments`. */
export interface PaymentsTables {
  payments: {
    id: string;
    order_id: string;
    customer_id: string | null;
    currency_code: string | null;
    minor_units: bigint | null;
    state: PaymentState;
    failure_reason: FailureReason | null;
    provider_payment_id: string | null;
    pending: Pending | null;
    retry_at: Date | null;
    attempts: Generated<number>;
    trace_context: ColumnType<Record<string, string>, string | undefined, string>;
    reconcile_at: Date | null;
    refunded_minor_units: Generated<bigint>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  refunds: {
    id: string;
    order_id: string;
    currency_code: string;
    minor_units: bigint;
    state: RefundState;
    rejection: RefundRejection | null;
    retry_at: Date | null;
    attempts: Generated<number>;
    trace_context: ColumnType<Record<string, string>, string | undefined, string>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  ledger_transactions: {
    id: string;
    order_id: string;
    kind: EntryKind;
    refund_id: string | null;
    created_at: Generated<Date>;
  };
  ledger_postings: {
    id: Generated<bigint>;
    transaction_id: string;
    account: Account;
    currency_code: string;
    minor_units: bigint;
  };
}
