import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compileLibrary } from '../../apps/gateway/test/test-library.js';
import { type Measured, measure } from './measure.js';
import { median, spread } from './median.js';
import { Subject, startUpstream } from './subject.js';

const HELP = `npm run bench:edge [-- OPTIONS]: CPU time that the gateway takes for a request, in microseconds.

  --build NAME=FOLDER   a build to measure, may be given several times (default: now=dist); the first is the one that the others
                        are compared with, e.g. --build before=/tmp/old/dist --build after=dist
  --rounds N            rounds, each of every build and request, interleaved (default 5)
  --seconds N           how long each is measured (default 5)
  --connections N       keep-alive connections, each a closed loop (default 32)

Each build serves a small API with one public GET from an upstream in another process; a server of node:http that does nothing else is
measured beside it. Requests are checked for their answers. The CPU time is the whole process's, from /proc: Linux alone. What
else runs on the machine falsifies the figures: its load average is printed.`;

const BUILDS = ['now=dist'];

const options = {
  help: { type: 'boolean' },
  build: { type: 'string', multiple: true, default: BUILDS },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '5' },
  connections: { type: 'string', default: '32' },
} as const;

const REQUESTS = [
  { name: 'GET of an RPC', path: '/v1/books/dune', body: '{"name":"dune","title":"Dune"}' },
  { name: 'GET /healthz', path: '/healthz', body: '{"status":"ok"}' },
];

const { values } = parseArgs({ options });
if (values.help) console.log(HELP);
else await bench();

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-bench-'));
  const descriptors = compileLibrary(folder);
  const upstream = await startUpstream(descriptors);
  const subjects: Subject[] = [];
  try {
    for (const [index, build] of values.build.entries()) {
      const [name = '', dist = ''] = build.split('=');
      subjects.push(
        await Subject.gateway({
          name,
          dist: resolve(dist),
          folder: join(folder, String(index)),
          descriptors,
          upstream: upstream.address,
        }),
      );
    }
    subjects.push(await Subject.bare());
    print(await rounds(subjects));
  } finally {
    for (const subject of subjects) subject.stop();
    upstream.stop();
    rmSync(folder, { recursive: true });
  }
}

/** By request and subject, what each round measured. */
async function rounds(subjects: readonly Subject[]): Promise<Map<string, Map<string, Measured[]>>> {
  const results = new Map(REQUESTS.map(({ name }) => [name, new Map<string, Measured[]>()]));
  const settings = { seconds: Number(values.seconds), connections: Number(values.connections) };
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const { name, ...request } of REQUESTS) {
      for (const subject of subjects) {
        const measured = await measure(subject, request, settings);
        // The first round compiles what is hot.
        if (round === 0) continue;
        const bySubject = results.get(name);
        bySubject?.set(subject.name, [...(bySubject.get(subject.name) ?? []), measured]);
      }
    }
    console.error(`round ${round} of ${values.rounds}, load average ${loadavg()[0]?.toFixed(1)}`);
  }
  return results;
}

function print(results: Map<string, Map<string, Measured[]>>): void {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
  for (const [request, bySubject] of results) {
    const first = median([...bySubject.values()][0]?.map(({ cpuMicros }) => cpuMicros) ?? []);
    console.log(`\n${request}: CPU-µs a request (least–most of the rounds), requests/s, times the first`);
    for (const [subject, measured] of bySubject) {
      const micros = measured.map(({ cpuMicros }) => cpuMicros);
      const rate = median(measured.map(({ perSecond }) => perSecond));
      const ratio = (first / median(micros)).toFixed(2);
      console.log(
        `  ${subject.padEnd(12)} ${median(micros).toFixed(1).padStart(7)} (${spread(micros)})  ${rate.toFixed(0).padStart(6)}  ${ratio}`,
      );
    }
  }
}
