import type { Measured } from './measured.js';
import { type Contender, rowsOf } from './rows.js';
import { markdownTable, tableOf } from './table.js';

const ours: Contender = { name: 'ours', family: 'ours', guarded: false };
const guarded: Contender = { name: 'ours, protected', family: 'ours', guarded: true };
const go: Contender = { name: 'grpc-gateway', family: 'grpc-gateway', guarded: false };
const guardedGo: Contender = { name: 'grpc-gateway, protected', family: 'grpc-gateway', guarded: true };
const nest: Contender = { name: 'Nest', family: 'nest', guarded: false };

const rounds = ({ name }: Contender, costs: number[], kind: Measured['kind'] = 'get'): Measured[] =>
  costs.map((cpuMicros, round) => ({
    round,
    gateway: name,
    kind,
    requests: 1000,
    cpuMicros,
    perSecond: 1e6 / cpuMicros,
    cores: 1,
    p50: 1,
    p99: cpuMicros / 10,
  }));

/** The cells of a line of the table by the names of its columns. */
function columns(table: string, gateway: string): Record<string, string> {
  const cells = (line = '') =>
    line
      .slice(2, -2)
      .split('|')
      .map((cell) => cell.trim());
  const lines = table.split('\n');
  const found = cells(lines.find((line) => line.startsWith(`| ${gateway} `)));
  return Object.fromEntries(cells(lines[0]).map((name, index) => [name, found[index] ?? '']));
}

describe('the table of a kind of request', () => {
  const all = [ours, guarded, go, guardedGo, nest];

  it('tells the median of the rounds, and how far they went', () => {
    const table = tableOf(rowsOf('get', all, rounds(ours, [200, 100, 120])), 300);
    expect(columns(table, 'ours')).toEqual({
      gateway: 'ours',
      'CPU µs/request': '120 (100–200)',
      'to grpc-gateway': '',
      'to Nest': '',
      'requests/s': '8333',
      'cores busy': '1.00',
      'p50 ms at 300/s': '1.00',
      'p99 ms at 300/s': '12.00 (10.00–20.00)',
    });
  });

  it('compares what is plain with what is plain, and what is protected with what is protected', () => {
    const measured = [
      ...rounds(ours, [50, 50]),
      ...rounds(guarded, [100, 100]),
      ...rounds(go, [100, 120]),
      ...rounds(guardedGo, [80, 90]),
      ...rounds(nest, [400, 410]),
    ];
    const table = tableOf(rowsOf('get', all, measured), 300);
    expect(columns(table, 'ours')).toMatchObject({
      'to grpc-gateway': '2.20 (2.00–2.40)',
      'to Nest': '8.10 (8.00–8.20)',
    });
    expect(columns(table, 'ours, protected')).toMatchObject({ 'to grpc-gateway': '0.85 (0.80–0.90)', 'to Nest': '' });
    expect(columns(table, 'grpc-gateway')).toMatchObject({ 'to grpc-gateway': '1.00 (1.00–1.00)' });
  });

  it('has no line for what was not measured, and no figure of another kind of request', () => {
    const rows = rowsOf('get', all, [
      ...rounds(ours, [100]),
      ...rounds(ours, [900], 'list'),
      ...rounds(go, [500], 'list'),
    ]);
    expect(rows.map(({ gateway, cpuMicros, toGrpcGateway }) => [gateway, cpuMicros.most, toGrpcGateway])).toEqual([
      ['ours', 100, undefined],
    ]);
  });
});

describe('a Markdown table', () => {
  it('has columns that are as wide as their widest cell', () => {
    expect(
      markdownTable(
        ['a', 'figure'],
        [
          ['long name', '1'],
          ['b', '1234567'],
        ],
      ),
    ).toBe(
      ['| a         |  figure |', '| --------- | ------: |', '| long name |       1 |', '| b         | 1234567 |'].join(
        '\n',
      ),
    );
  });
});
