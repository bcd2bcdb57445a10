import { Controller } from '@nestjs/common';
import {
  type PaymentAuthorizationRejected,
  PaymentAuthorizationRejectedSchema,
  type PaymentAuthorized,
  PaymentAuthorizedSchema,
  type PaymentCaptured,
  PaymentCapturedSchema,
  type PaymentVoided,
  PaymentVoidedSchema,
  type StockClaimed,
  StockClaimedSchema,
  type StockHeld,
  StockHeldSchema,
  type StockHoldRejected,
  StockHoldRejectedSchema,
  type StockReleased,
  StockReleasedSchema,
  type StockReservationRejected,
  StockReservationRejectedSchema,
  type StockReserved,
  StockReservedSchema,
} from '#libs/contracts';
import { On } from '#libs/messaging';
import { PlaceOrderProcess } from './place-order.process.js';

/** The answers of inventory and payments: each one moves the saga of its order. */
@Controller()
export class PlaceOrderReplies {
  private readonly saga;

  constructor(process: PlaceOrderProcess) {
    this.saga = process.saga;
  }

  @On(StockReservedSchema)
  async stockReserved(reply: StockReserved): Promise<void> {
    await this.saga.reply(reply.orderId, StockReservedSchema, reply);
  }

  @On(StockReservationRejectedSchema)
  async stockReservationRejected(reply: StockReservationRejected): Promise<void> {
    await this.saga.reply(reply.orderId, StockReservationRejectedSchema, reply);
  }

  @On(PaymentAuthorizedSchema)
  async paymentAuthorized(reply: PaymentAuthorized): Promise<void> {
    await this.saga.reply(reply.orderId, PaymentAuthorizedSchema, reply);
  }

  @On(PaymentAuthorizationRejectedSchema)
  async paymentAuthorizationRejected(reply: PaymentAuthorizationRejected): Promise<void> {
    await this.saga.reply(reply.orderId, PaymentAuthorizationRejectedSchema, reply);
  }

  @On(StockHeldSchema)
  async stockHeld(reply: StockHeld): Promise<void> {
    await this.saga.reply(reply.orderId, StockHeldSchema, reply);
  }

  @On(StockHoldRejectedSchema)
  async stockHoldRejected(reply: StockHoldRejected): Promise<void> {
    await this.saga.reply(reply.orderId, StockHoldRejectedSchema, reply);
  }

  @On(PaymentCapturedSchema)
  async paymentCaptured(reply: PaymentCaptured): Promise<void> {
    await this.saga.reply(reply.orderId, PaymentCapturedSchema, reply);
  }

  @On(StockClaimedSchema)
  async stockClaimed(reply: StockClaimed): Promise<void> {
    await this.saga.reply(reply.orderId, StockClaimedSchema, reply);
  }

  @On(StockReleasedSchema)
  async stockReleased(reply: StockReleased): Promise<void> {
    await this.saga.reply(reply.orderId, StockReleasedSchema, reply);
  }

  @On(PaymentVoidedSchema)
  async paymentVoided(reply: PaymentVoided): Promise<void> {
    await this.saga.reply(reply.orderId, PaymentVoidedSchema, reply);
  }
}
