/** For the tests of this library: three steps of the store, with the pivot in the middle. */
import { z } from 'zod';
import {
  AuthorizePaymentSchema,
  CapturePaymentSchema,
  ClaimStockSchema,
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  PaymentVoidedSchema,
  ReleaseStockSchema,
  ReserveStockSchema,
  StockClaimedSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
  VoidPaymentSchema,
} from '#libs/contracts';
import { defineSaga } from './define-saga.js';
import { command, refusal, type SagaDefinition } from './table.js';

export const SampleData = z.object({ orderId: z.string(), paymentMethod: z.string().optional() });
export type SampleData = z.infer<typeof SampleData>;

const order = ({ orderId }: SampleData) => ({ orderId });

export const sampleDefinition: SagaDefinition<SampleData> = {
  name: 'sample',
  version: 1,
  data: SampleData,
  steps: [
    {
      name: 'reserve',
      command: command(ReserveStockSchema, order),
      success: [StockReservedSchema],
      failure: [refusal(StockReservationRejectedSchema, (reply) => `no ${reply.sku}`)],
      undo: { command: command(ReleaseStockSchema, order), done: StockReleasedSchema },
    },
    {
      name: 'authorize',
      command: command(AuthorizePaymentSchema, ({ orderId, paymentMethod }: SampleData) => ({
        orderId,
        paymentMethod,
      })),
      success: [PaymentAuthorizedSchema],
      failure: [refusal(PaymentAuthorizationRejectedSchema, () => 'DECLINED')],
      undo: { command: command(VoidPaymentSchema, order), done: PaymentVoidedSchema },
      forgets: ['paymentMethod'],
    },
    { name: 'capture', command: command(CapturePaymentSchema, order), success: [PaymentCapturedSchema], pivot: true },
    { name: 'claim', command: command(ClaimStockSchema, order), success: [StockClaimedSchema] },
  ],
};

export const sampleSaga = defineSaga(sampleDefinition);

/** What a saga is at least: one step that works or is refused, and that nothing calls back. */
export const onlyPivot: SagaDefinition<SampleData> = {
  name: 'only-pivot',
  version: 1,
  data: SampleData,
  steps: [
    {
      name: 'capture',
      command: command(CapturePaymentSchema, order),
      success: [PaymentCapturedSchema],
      failure: [refusal(PaymentAuthorizationRejectedSchema, () => 'REFUSED')],
      pivot: true,
    },
  ],
};
