import type { ColumnType, Generated } from 'kysely';
import type { Account, EntryKind } from './ledger.js';
import type { FailureReason, PaymentState, Pending } from './payment.js';

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
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  ledger_transactions: { id: string; order_id: string; kind: EntryKind; created_at: Generated<Date> };
  ledger_postings: {
    id: Generated<bigint>;
    transaction_id: string;
    account: Account;
    currency_code: string;
    minor_units: bigint;
  };
}
