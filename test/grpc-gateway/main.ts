import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MissingToolError } from '../bench/processes/missing-tool.js';
import { wholeNumber } from '../load/whole-number.js';
import { check } from './check.js';
import { summary, tellAll } from './report.js';

const HELP = `npm run check:grpc-gateway [-- OPTIONS]: random requests to grpc-gateway and to our gateway in its dialect, over one service.

  --requests N   how many (default 5000, at most 1000000)
  --seed S       the same requests again; without it another seed each time, which is printed
  --all          tells every disagreement, not one of each kind

Compared are the status, the message that the service was sent, and the JSON of the answer; of what a gateway itself refuses not
its words. Where they are known to disagree, docs/grpc-gateway.md says why. grpc-gateway is built where there is Go 1.26, with all
packages by hash, into the cache; without Go nothing is compared. A minute for 5,000 requests.
Ends with 0, with 1 when 1 % or more disagree or a disagreement is none of those that are explained, with 2 when nothing could be
compared.`;

const options = {
  help: { type: 'boolean' },
  requests: { type: 'string', default: '5000' },
  seed: { type: 'string' },
  all: { type: 'boolean', default: false },
} as const;

const folder = mkdtempSync(join(tmpdir(), 'grpc-gateway-'));
try {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(HELP);
  } else {
    const requests = wholeNumber('--requests', values.requests, { least: 1, most: 1_000_000 });
    const seed = wholeNumber('--seed', values.seed ?? String(Date.now() % 1_000_000_000), {
      least: 0,
      most: 999_999_999,
    });
    console.log(`${requests} requests, --seed ${seed}`);
    const progress = (done: number, disagreements: number) =>
      console.error(`${done} of ${requests}, ${disagreements} disagreements`);
    const result = await check({ requests, seed, folder, progress });
    if (values.all) console.log(tellAll(result));
    const { text, isWell } = summary(result);
    console.log(text);
    process.exitCode = isWell ? 0 : 1;
  }
} catch (error) {
  if (error instanceof MissingToolError) console.error(`Nothing was compared: ${error.message}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
