import type { Metadata } from '@grpc/grpc-js';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Orders, type RefundOrderRequest } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { withSpan } from '#libs/telemetry';
import { refundToProto } from './refund.proto.js';
import { RefundOrder } from './refund-order.js';

@Controller()
export class RefundOrderHandler {
  constructor(private readonly refundOrder: RefundOrder) {}

  /** For whoever may refund, of any customer's order. Money moves: without a key nothing does. */
  @Rpc(Orders.method.refundOrder)
  async refund(
    @Payload() request: RefundOrderRequest,
    @CurrentPrincipal() caller: Principal,
    @Ctx() metadata: Metadata,
  ) {
    const idempotencyKey = metadata.get('idempotency-key')[0]?.toString();
    if (!idempotencyKey) throw new DomainError('IDEMPOTENCY_KEY_REQUIRED');
    return withSpan('orders.refund', { attributes: { 'order.id': request.id } }, async () =>
      refundToProto(await this.refundOrder.refund({ requestedBy: caller.subject, request, idempotencyKey })),
    );
  }
}
