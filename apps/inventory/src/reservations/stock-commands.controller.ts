import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Controller } from '@nestjs/common';
import {
  type ClaimStock,
  ClaimStockSchema,
  type HoldStock,
  HoldStockSchema,
  StockReservationRejected_Reason as Reason,
  type ReleaseStock,
  ReleaseStockSchema,
  type ReserveStock,
  ReserveStockSchema,
  StockClaimedSchema,
  StockHeldSchema,
  StockHoldRejectedSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { On, Outbox } from '#libs/messaging';
import { Reservations } from './reservations.js';
import { parseWish } from './wish.js';

/** The commands of the order saga. Effect, reply and inbox row commit together. */
@Controller()
export class StockCommandsController {
  constructor(
    private readonly reservations: Reservations,
    private readonly outbox: Outbox,
  ) {}

  @On(ReserveStockSchema)
  async reserve(command: ReserveStock): Promise<void> {
    const { orderId } = command;
    const answer = await this.reservations.reserve(parseWish(command));
    if ('expireTime' in answer) {
      await this.outbox.publish(StockReservedSchema, { orderId, expireTime: timestampFromDate(answer.expireTime) });
    } else {
      const { reason, sku } = answer.rejection;
      await this.outbox.publish(StockReservationRejectedSchema, { orderId, reason: Reason[reason], sku });
    }
  }

  @On(HoldStockSchema)
  async hold({ orderId }: HoldStock): Promise<void> {
    const held = await this.reservations.hold(orderId);
    await this.outbox.publish(held ? StockHeldSchema : StockHoldRejectedSchema, { orderId });
  }

  @On(ClaimStockSchema)
  async claim({ orderId }: ClaimStock): Promise<void> {
    await this.reservations.claim(orderId);
    await this.outbox.publish(StockClaimedSchema, { orderId });
  }

  @On(ReleaseStockSchema)
  async release({ orderId }: ReleaseStock): Promise<void> {
    await this.reservations.release(orderId);
    await this.outbox.publish(StockReleasedSchema, { orderId });
  }
}
