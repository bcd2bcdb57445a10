import type { Row } from './rows.js';
import type { Spread } from './statistics.js';

/** A Markdown table of the rows of one kind of request; `rate` is that of the open loop. */
export function tableOf(rows: readonly Row[], rate: number): string {
  const head = [
    'gateway',
    'CPU µs/request',
    'to grpc-gateway',
    'to Nest',
    'requests/s',
    'cores busy',
    `p50 ms at ${rate}/s`,
    `p99 ms at ${rate}/s`,
  ];
  const cells = rows.map((row) => [
    row.gateway,
    range(row.cpuMicros, micros),
    ratio(row.toGrpcGateway),
    ratio(row.toNest),
    row.perSecond.median.toFixed(0),
    row.cores.median.toFixed(2),
    row.p50.median.toFixed(2),
    range(row.p99, (value) => value.toFixed(2)),
  ]);
  return markdownTable(head, cells);
}

/** The first column to the left, figures to the right, all as wide as their widest cell. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column === 0)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

const pad = (text: string, width: number, left: boolean) => (left ? text.padEnd(width) : text.padStart(width));
const micros = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));

/** The median, and from where to where the rounds went. */
function range({ median, least, most }: Spread, text: (value: number) => string): string {
  return `${text(median)} (${text(least)}–${text(most)})`;
}

function ratio(spread: Spread | undefined): string {
  return spread ? range(spread, (value) => value.toFixed(2)) : '';
}
