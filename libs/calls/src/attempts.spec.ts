import { create } from '@bufbuild/protobuf';
import { Inventory, Orders, Payments, PolicySchema, Users } from '#libs/contracts';
import { attemptsOf } from './attempts.js';
import { hostsOf, isEndpoints } from './endpoints.js';

describe('how often a call may be sent', () => {
  it('is three times for every read of the store', () => {
    const reads = [Users, Inventory, Orders, Payments].flatMap(({ methods }) =>
      methods.filter(({ name }) => /^(Get|List|Watch|Export)/.test(name)),
    );
    expect(reads.length).toBeGreaterThan(15);
    expect(reads.filter((method) => attemptsOf(method) !== 3).map(({ name }) => name)).toEqual([]);
  });

  it('is once for every change, but for those that happen once however often they are asked for', () => {
    const changes = [Users, Inventory, Orders, Payments].flatMap(({ methods }) =>
      methods.filter(({ name }) => !/^(Get|List|Watch|Export)/.test(name)),
    );
    expect(changes.filter((method) => attemptsOf(method) !== 1).map(({ name }) => name)).toEqual([
      'PlaceOrder',
      'CancelOrder',
      'RefundOrder',
    ]);
  });

  it('is what a policy says', () => {
    expect(attemptsOf(Orders.method.getOrder, create(PolicySchema, { retry: { maxAttempts: 1 } }))).toBe(1);
    expect(attemptsOf(Orders.method.cancelOrder, create(PolicySchema, { retry: { maxAttempts: 4 } }))).toBe(4);
  });
});

describe('a list of endpoints', () => {
  it.each(['orders:50051', '127.0.0.1:1', '[::1]:2', 'a:1,b:2', 'a:1, [2001:db8::1]:2'])('is %s', (text) => {
    expect(isEndpoints(text)).toBe(true);
  });

  it.each(['', 'orders', 'orders:', ':1', 'a:1,', 'a:1,b', 'a:1;b:2', 'http://a:1', '::1:2', 'a:123456'])(
    'is not %j',
    (text) => {
      expect(isEndpoints(text)).toBe(false);
    },
  );

  it('names hosts', () => {
    expect(hostsOf('a:1, [2001:db8::1]:2')).toEqual(['a', '2001:db8::1']);
  });
});
