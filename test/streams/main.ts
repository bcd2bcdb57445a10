import { parseArgs } from 'node:util';
import { CHANNELS } from '#libs/upstream';
import { download, type Transfer, upload } from './large-body.js';
import { startLarge } from './large-gateway.js';

const MIB = 1024 * 1024;
const WARM_BYTES = 64 * MIB;
const HELP = `npm run check:streams -- [OPTIONS]: one large download and one large upload through the built gateway, over each channel.

  --bytes N        of each: a number with or without KiB, MiB, GiB (default 1GiB)
  --growth N       the most that the gateway's resident memory may grow meanwhile (default 128MiB)

What comes is compared with what was sent. Ends with 1 when it differs, or when the memory grew by more.`;

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: MIB, GiB: 1024 * MIB };

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      bytes: { type: 'string', default: '1GiB' },
      growth: { type: 'string', default: '128MiB' },
    },
  });
  if (values.help) console.log(HELP);
  else process.exitCode = await run(bytesIn(values.bytes), bytesIn(values.growth));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function run(bytes: number, growth: number): Promise<number> {
  let isGood = true;
  for (const channel of CHANNELS) {
    for (const [name, transfer] of [['download', download] as const, ['upload', upload] as const]) {
      const { gateway, stop } = await startLarge(channel);
      try {
        const rss = () => gateway.rssBytes();
        await transfer(gateway.url, WARM_BYTES, rss);
        const cpuBefore = gateway.cpuMicros();
        const result = await transfer(gateway.url, bytes, rss);
        const cpuSeconds = (gateway.cpuMicros() - cpuBefore) / 1_000_000;
        const isFlat = result.peakRss - result.rssBefore <= growth;
        isGood &&= isFlat && result.isSame;
        console.log(`${channel.padEnd(8)}${name.padEnd(10)}${lineOf(result, cpuSeconds)}`);
      } finally {
        stop();
      }
    }
  }
  console.log(isGood ? 'All came as it was sent, and the memory stayed flat.' : 'FAULT: see above.');
  return isGood ? 0 : 1;
}

function lineOf({ bytes, isSame, seconds, peakRss, rssBefore }: Transfer, cpuSeconds: number): string {
  const mib = (value: number) => (value / MIB).toFixed(0);
  return [
    `${mib(bytes)} MiB in ${seconds.toFixed(1)} s`,
    `${(bytes / MIB / seconds).toFixed(0)} MiB/s`,
    `${cpuSeconds.toFixed(1)} CPU-s of the gateway`,
    `its RSS ${mib(rssBefore)} MiB before, ${mib(peakRss)} MiB at most`,
    isSame ? 'the same bytes' : 'OTHER BYTES',
  ].join(', ');
}

function bytesIn(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!(bytes > 0)) throw new Error(`${text} is no number of bytes, e.g. 512MiB; see --help`);
  return bytes;
}
