import { create } from '@bufbuild/protobuf';
import { PlaceOrderRequestSchema } from '#libs/contracts';
import { requestFingerprint } from './request-fingerprint.js';

const request = { lines: [{ sku: 'tea', quantity: 1 }], paymentMethod: 'pm_card_visa' };
const print = (customer: string, change: object) =>
  requestFingerprint(customer, create(PlaceOrderRequestSchema, { ...request, ...change })).toString('hex');

it('is the same for the same order, however long the client waits for its end', () => {
  expect(print('c1', { waitSeconds: 20 })).toBe(print('c1', {}));
});

it.each([
  ['customer', 'c2', {}],
  ['quantity', 'c1', { lines: [{ sku: 'tea', quantity: 2 }] }],
  ['payment method', 'c1', { paymentMethod: 'pm_card_slow' }],
  ['expected total', 'c1', { expectedTotal: { currencyCode: 'USD', minorUnits: 1n } }],
])('differs by %s', (_, customer, change) => {
  expect(print(customer, change)).not.toBe(print('c1', {}));
});
