import { z } from 'zod';
import {
  AuthorizePaymentSchema,
  CapturePaymentSchema,
  ClaimStockSchema,
  HoldStockSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
  VoidPaymentSchema,
} from '#libs/contracts';
import { command } from '#libs/saga';

/** What place-order carries from step to step, as JSON. */
export const PlaceOrderData = z.object({
  orderId: z.uuid(),
  customerId: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
  total: z.object({ currencyCode: z.string(), minorUnits: z.string().regex(/^\d+$/) }),
  reservationTtlSeconds: z.int().positive(),
  /** Gone as soon as AuthorizePayment was written. */
  paymentMethod: z.string().optional(),
});
export type PlaceOrderData = z.infer<typeof PlaceOrderData>;

const onlyTheOrder = ({ orderId }: PlaceOrderData) => ({ orderId });

export const reserveStock = command(ReserveStockSchema, (data: PlaceOrderData) => ({
  orderId: data.orderId,
  customerId: data.customerId,
  lines: data.lines,
  ttl: { seconds: BigInt(data.reservationTtlSeconds) },
}));

export const authorizePayment = command(AuthorizePaymentSchema, (data: PlaceOrderData) => ({
  orderId: data.orderId,
  customerId: data.customerId,
  amount: { currencyCode: data.total.currencyCode, minorUnits: BigInt(data.total.minorUnits) },
  paymentMethod: data.paymentMethod,
}));

export const holdStock = command(HoldStockSchema, onlyTheOrder);
export const capturePayment = command(CapturePaymentSchema, onlyTheOrder);
export const claimStock = command(ClaimStockSchema, onlyTheOrder);
export const releaseStock = command(ReleaseStockSchema, onlyTheOrder);
export const voidPayment = command(VoidPaymentSchema, onlyTheOrder);
