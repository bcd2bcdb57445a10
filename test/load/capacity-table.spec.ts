import { tableHead, tableRow } from './capacity-table.js';
import { readRow, writeRow } from './replica-row.js';

const figures = { seconds: 10, orders: 100, ordersPerSecond: 10, p50: 1.234, p99: 2 };
const cores = new Map([
  ...(['gateway', 'users', 'inventory', 'orders', 'payments'] as const).map((part) => [part, 0.1] as const),
  ['postgres', 0.25],
  ['kafka', 0.125],
  ['jaeger', 0.02],
  ['prometheus', 0.03],
]);

/** A line of the table by the names of its columns. */
function columns(text: string): Record<string, string | undefined> {
  const cells = (line: string) => line.slice(2, -2).split(' | ');
  const values = cells(text);
  expect(values).toHaveLength(cells(tableHead().split('\n')[0] ?? '').length);
  return Object.fromEntries(cells(tableHead().split('\n')[0] ?? '').map((name, index) => [name, values[index]]));
}

describe('a line of the capacity sheet', () => {
  it('tells milliseconds of CPU per order by part, and what no part used together', () => {
    const told = columns(tableRow({ row: readRow('1/1/1/2/1@0.2'), figures, cores, machine: 1.5 }));
    expect(told).toMatchObject({ replicas: '1/1/1/2/1', 'cores each': '0.2', 'orders/s': '10.0', 'p50 s': '1.23' });
    expect(told).toMatchObject({ gateway: '10.0', orders: '10.0', postgres: '25.0', kafka: '12.5', 'all else': '5.0' });
  });

  it('names the part that used most of what its replicas may', () => {
    const row = readRow('2/2/2/1/2@0.2');
    expect(columns(tableRow({ row, figures, cores, machine: 1.5 })).busiest).toBe('orders 50 %');
    const unlimited = new Map([...cores, ['payments', 0.8]]);
    const told = columns(tableRow({ row: readRow('1/1/1/1/1'), figures, cores: unlimited, machine: 1.5 }));
    expect(told).toMatchObject({ busiest: 'payments 80 %', 'cores each': 'all' });
  });

  it.each(['1/1/1/2/1@0.2', '10/1/1/3/1', '2/2/2/2/2@1'])('%s is read and written the same', (text) => {
    expect(writeRow(readRow(text))).toBe(text);
  });

  it.each(['', '1/1/1/1', '1/1/1/1/0', '1/1/1/1/11', '1/1/1/1/1@', '1/1/1/1/1@0.2@3', '1/1/1/1/x', '1/1/1/1/1/1'])(
    '"%s" is refused with an example',
    (text) => {
      expect(() => readRow(text)).toThrow('one looks like 1/1/1/2/1@0.2');
    },
  );
});
