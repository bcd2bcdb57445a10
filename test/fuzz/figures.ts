import type { BodyFigures } from './bodies/fuzz-bodies.js';
import type { Figures } from './fuzz.js';
import type { MemorySample } from './memory.js';

const MIB = 1_048_576;
const mib = (bytes: number) => `${(bytes / MIB).toFixed(0)} MiB`;

/** One line while it runs. */
export function progressLine({ cases, answers, faults }: Figures, memory: MemorySample | undefined): string {
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
  const held = memory ? `, heap ${mib(memory.heap)}, RSS ${mib(memory.rss)}` : '';
  return `${cases} cases, ${total} answers, ${faults.length} faults${held}`;
}

/** What came of all of it. */
export function summary(figures: Figures, seconds: number): string {
  const rate = Math.round(figures.cases / seconds);
  return [
    `${figures.cases} cases in ${seconds.toFixed(0)} s (${rate} a second), ${figures.silent} without answer`,
    `answers by status  ${by(figures.answers)}`,
    `cases by kind      ${by(figures.kinds)}`,
    ...figures.faults.map(
      ({ index, kind, what, bytes }) =>
        `FAULT: case ${index} (${kind}) ${what}: ${JSON.stringify(bytes.toString('latin1').slice(0, 2_000))}`,
    ),
  ].join('\n');
}

/** One line while bodies are tried. */
export function bodyLine({ documents, faults }: BodyFigures, memory: MemorySample | undefined): string {
  const held = memory ? `, heap ${mib(memory.heap)}, RSS ${mib(memory.rss)}` : '';
  return `${documents} bodies, ${faults.length} faults${held}`;
}

/** What came of all bodies. */
export function bodySummary(
  { documents, bytes, outcomes, kinds, slowest, faults }: BodyFigures,
  seconds: number,
): string {
  return [
    `${documents} bodies, ${mib(bytes)}, in ${seconds.toFixed(0)} s; the slowest took ${slowest.ms.toFixed(0)} ms (${slowest.index})`,
    `outcomes         ${by(outcomes)}`,
    `bodies by kind   ${by(kinds)}`,
    ...faults.map((fault) => `FAULT: ${fault}`),
  ].join('\n');
}

function by(counts: Map<string | number, number>): string {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => `${key}: ${count}`)
    .join('  ');
}

/** Whether memory stayed flat: what a second half holds more than a first one must be less than this. */
export function memoryVerdict(grown: MemorySample): { flat: boolean; text: string } {
  const flat = grown.heap < 16 * MIB && grown.rss < 48 * MIB;
  return { flat, text: `memory, second half against first: heap ${mib(grown.heap)}, RSS ${mib(grown.rss)} more` };
}
