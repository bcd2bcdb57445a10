import { endRefund, type Refund, type Refundable, refundedOf, requestRefund, restOf } from './refund.js';

const now = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');
const dollars = (minorUnits: bigint) => ({ currencyCode: 'USD', minorUnits });
const confirmed: Refundable = { id: 'o1', status: { state: 'CONFIRMED' }, total: dollars(1000n), refunds: [] };
const wanted = (minorUnits?: bigint) =>
  ({
    id: 'r1',
    amount: minorUnits === undefined ? undefined : dollars(minorUnits),
    reason: 'GOODWILL',
  }) as const;
const request = (order: Refundable, minorUnits?: bigint) => requestRefund(order, wanted(minorUnits), { now });
const refund = (minorUnits: bigint, status: Refund['status']): Refund => ({
  ...request(confirmed, minorUnits),
  status,
});
const refusal = (code: string, more: object = {}) => expect.objectContaining({ code, ...more });

describe('a refund', () => {
  it('is of all that is left when no amount is named', () => {
    expect(request(confirmed)).toMatchObject({ number: 1, amount: dollars(1000n), status: { state: 'PENDING' } });
    const partly = { ...confirmed, refunds: [refund(300n, { state: 'SUCCEEDED' })] };
    expect(request(partly)).toMatchObject({ number: 2, amount: dollars(700n) });
  });

  it('counts against the order from when it is asked for, and no more once it was rejected', () => {
    const refunds = [
      refund(300n, { state: 'PENDING' }),
      refund(200n, { state: 'SUCCEEDED' }),
      refund(500n, { state: 'REJECTED', rejection: 'DECLINED' }),
    ];
    const order = { ...confirmed, refunds };
    expect(restOf(order)).toBe(500n);
    expect(refundedOf(order)).toEqual(dollars(200n));
    expect(request(order, 500n).amount).toEqual(dollars(500n));
  });

  it('is never of more than is left, and the refusal says how much that is', () => {
    const partly = { ...confirmed, refunds: [refund(300n, { state: 'PENDING' })] };
    const exceeds = refusal('REFUND_EXCEEDS_REST', { metadata: { currencyCode: 'USD', minorUnits: '700' } });
    expect(() => request(partly, 701n)).toThrow(exceeds);
    const all = { ...confirmed, refunds: [refund(1000n, { state: 'PENDING' })] };
    expect(() => request(all)).toThrow(refusal('REFUND_EXCEEDS_REST'));
    expect(() => request(all, 1n)).toThrow(refusal('REFUND_EXCEEDS_REST'));
  });

  it.each(['PENDING', 'REJECTED', 'CANCELLED'] as const)('is refused for an order that is %s', (state) => {
    const order = { ...confirmed, status: { state } };
    expect(() => request(order)).toThrow(refusal('ORDER_NOT_REFUNDABLE', { metadata: { state } }));
  });

  it('is refused in another currency, naming the field', () => {
    const euros = { ...wanted(), amount: { currencyCode: 'EUR', minorUnits: 1n } };
    const violations = [expect.objectContaining({ field: 'amount.currencyCode' })];
    expect(() => requestRefund(confirmed, euros, { now })).toThrow(refusal('VALIDATION_FAILED', { violations }));
  });

  it('ends once', () => {
    const ended = endRefund(request(confirmed), { state: 'SUCCEEDED' }, { now: later });
    expect(ended).toMatchObject({ status: { state: 'SUCCEEDED' }, createTime: now, updateTime: later });
    const again = () => endRefund(ended, { state: 'REJECTED', rejection: 'DECLINED' }, { now: later });
    expect(again).toThrow('cannot go from SUCCEEDED to REJECTED');
  });
});
