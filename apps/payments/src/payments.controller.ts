import { type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  Payment_FailureReason as FailureReason,
  type GetPaymentRequest,
  type PaymentSchema,
  Payments,
  Payment_State as State,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, hasScope, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { expectedSums, type Payment } from './payment.js';
import { PaymentsStore } from './payments.store.js';

/** The RPCs of store.payments.v1.Payments. */
@Controller()
export class PaymentsController {
  constructor(private readonly payments: PaymentsStore) {}

  /** Somebody else's payment is not told from one that does not exist. */
  @Rpc(Payments.method.getPayment)
  async getPayment(
    @Payload() { orderId }: GetPaymentRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<MessageInitShape<typeof PaymentSchema>> {
    const payment = await this.payments.find(orderId);
    const theirs = payment?.customerId === principal.subject || hasScope(principal, 'payments:read:all');
    if (!payment || !theirs) throw new DomainError('PAYMENT_NOT_FOUND');
    return toProto(payment);
  }
}

/** The payment as the API shows it. */
export function toProto(payment: Payment): MessageInitShape<typeof PaymentSchema> {
  const { id, orderId, state, failureReason, amount, createdAt, updatedAt } = payment;
  const { currencyCode } = amount;
  return {
    id,
    orderId,
    state: State[state],
    amount,
    amountCaptured: { currencyCode, minorUnits: expectedSums(payment).captured },
    amountRefunded: { currencyCode, minorUnits: payment.refunded },
    failureReason: FailureReason[failureReason ?? 'FAILURE_REASON_UNSPECIFIED'],
    createTime: timestampFromDate(createdAt),
    updateTime: timestampFromDate(updatedAt),
  };
}
