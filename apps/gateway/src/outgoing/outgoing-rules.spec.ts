import { OutgoingRules } from './outgoing-rules.js';

describe('where the gateway may connect to', () => {
  const rules = new OutgoingRules({
    allow: ['orders', '*.internal.example', '10.0.0.0/8', 'fd00::/8'],
    allowLocal: false,
  });
  const local = new OutgoingRules({ allow: ['localhost', '127.0.0.1', '169.254.169.254'], allowLocal: true });

  it.each([
    ['orders', '192.0.2.1'],
    ['ORDERS.', '192.0.2.1'],
    ['a.internal.example', '192.0.2.1'],
    ['a.b.internal.example', '192.0.2.1'],
    ['any.example', '10.1.2.3'],
    ['any.example', '::ffff:10.1.2.3'],
    ['10.1.2.3', '10.1.2.3'],
    ['fd00::1', 'fd00::1'],
  ])('is %s at %s', (host, address) => {
    expect([rules.refusalOfHost(host), rules.refusalOf(host, address)]).toEqual([undefined, undefined]);
  });

  it.each([
    ['any.example', '192.0.2.1'],
    ['internal.example', '192.0.2.1'],
    ['orders.evil.example', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['11.0.0.1', '11.0.0.1'],
  ])('is not %s at %s: not allowed', (host, address) => {
    expect(rules.refusalOf(host, address)).toContain('is not in outgoing.allow');
  });

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '::1',
    '::',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
  ])('is not an allowed name that has come to point to %s', (address) => {
    expect(rules.refusalOf('orders', address)).toContain('is a loopback or link-local address');
  });

  it('is this machine only where that is said, and the host allowed all the same', () => {
    expect(local.refusalOf('localhost', '127.0.0.1')).toBeUndefined();
    expect(local.refusalOf('127.0.0.1', '127.0.0.1')).toBeUndefined();
    expect(local.refusalOf('127.0.0.2', '127.0.0.2')).toContain('is not in outgoing.allow');
    expect(local.refusalOfHost('elsewhere.example')).toBeUndefined();
    expect(new OutgoingRules({ allow: ['orders'], allowLocal: true }).refusalOfHost('elsewhere.example')).toBeDefined();
  });
});
