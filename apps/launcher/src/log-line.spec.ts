import { lineForPeople } from './log-line.js';

describe('a line of the log for people', () => {
  it('tells warnings and errors with their facts, without what only machines need', () => {
    const line = JSON.stringify({
      level: 'warn',
      time: '2026-01-01T00:00:00Z',
      service: 'orders',
      trace_id: 'abc',
      lag: 12,
      topic: 'orders.order.v1',
      msg: 'consumer lags',
    });
    expect(lineForPeople('orders', line)).toBe('orders | WARN  consumer lags  lag=12  topic=orders.order.v1');
  });

  it('tells the message of an error, not its stack', () => {
    const line = JSON.stringify({
      level: 'error',
      msg: 'relay failed',
      err: { message: 'no broker', stack: 'Error: …' },
    });
    expect(lineForPeople('orders', line)).toBe('orders | ERROR  relay failed  (no broker)');
  });

  it('keeps quiet about what is not a warning', () => {
    expect(lineForPeople('orders', '{"level":"info","msg":"order placed"}')).toBeUndefined();
    expect(lineForPeople('orders', '')).toBeUndefined();
  });

  it('passes on what is no JSON: the last words of a crash', () => {
    expect(lineForPeople('orders', 'Error: Cannot find module')).toBe('orders | Error: Cannot find module');
  });
});
