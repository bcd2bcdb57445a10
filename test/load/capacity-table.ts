import { availableParallelism } from 'node:os';
import type { MeasuredRow } from './measure-row.js';
import { PARTS, replicasOf } from './replica-row.js';

const SERVERS = ['postgres', 'kafka'];
const REST = 'all else';
const COLUMNS = [
  'replicas',
  'cores each',
  'orders/s',
  'p50 s',
  'p99 s',
  ...PARTS,
  ...SERVERS,
  REST,
  'busiest',
  'machine',
];

/** The head of the table; CPU columns are milliseconds per order, of all replicas of that part. */
export function tableHead(): string {
  return `${line(COLUMNS)}\n${line(COLUMNS.map(() => '---'))}`;
}

export function tableRow(measured: MeasuredRow): string {
  const { row, figures, cores, machine } = measured;
  const perOrder = (used: number) => ((used * 1000) / figures.ordersPerSecond).toFixed(1);
  const named = [...PARTS, ...SERVERS];
  const rest = [...cores].filter(([service]) => !named.includes(service)).reduce((sum, [, used]) => sum + used, 0);
  return line([
    replicasOf(row.replicas),
    row.cpus === undefined ? 'all' : String(row.cpus),
    figures.ordersPerSecond.toFixed(1),
    figures.p50.toFixed(2),
    figures.p99.toFixed(2),
    ...named.map((service) => perOrder(cores.get(service) ?? 0)),
    perOrder(rest),
    busiest(measured),
    `${machine.toFixed(1)} of ${availableParallelism()}`,
  ]);
}

/** The part that uses most of what it may: what a replica more would help. */
function busiest({ row, cores }: MeasuredRow): string {
  const { cpus = 1 } = row; // Node runs JavaScript on one core, whatever there is.
  const shares = PARTS.map((part) => ({ part, share: (cores.get(part) ?? 0) / (row.replicas[part] * cpus) }));
  const [first] = shares.sort((a, b) => b.share - a.share);
  return first ? `${first.part} ${Math.round(first.share * 100)} %` : '';
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
