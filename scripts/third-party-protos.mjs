// Puts the protos that ours import into third_party/proto, out of pinned packages: google/* from the npm package
// google-proto-files, buf/validate from the Maven artifact build.buf:protovalidate. Neither is committed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PROTOVALIDATE = '1.1.1';
const PROTOVALIDATE_SHA256 = '98ef95ca65f4f789a6c73ab88f63f73171904a4ebae9ca6873c5153edc4ad0e3';
const GOOGLE = [
  'google/api/annotations.proto',
  'google/api/http.proto',
  'google/api/httpbody.proto',
  'google/rpc/code.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
];
const target = 'third_party/proto';

for (const file of GOOGLE) {
  mkdirSync(dirname(join(target, file)), { recursive: true });
  cpSync(join('node_modules/google-proto-files', file), join(target, file));
}

if (!existsSync(join(target, 'buf/validate/validate.proto'))) {
  const folder = mkdtempSync(join(tmpdir(), 'protovalidate-'));
  console.log(`Fetching build.buf:protovalidate:${PROTOVALIDATE} with Maven…`);
  execFileSync(
    'mvn',
    [
      '-q',
      '-B',
      '-ntp',
      'dependency:copy',
      `-Dartifact=build.buf:protovalidate:${PROTOVALIDATE}`,
      `-DoutputDirectory=${folder}`,
    ],
    { stdio: 'inherit' },
  );
  const jar = join(folder, `protovalidate-${PROTOVALIDATE}.jar`);
  const sum = createHash('sha256').update(readFileSync(jar)).digest('hex');
  if (sum !== PROTOVALIDATE_SHA256)
    throw new Error(`${jar} has SHA-256 ${sum}, expected ${PROTOVALIDATE_SHA256}: do not use it`);
  execFileSync('jar', ['xf', jar, 'buf/validate/validate.proto'], { cwd: folder });
  cpSync(join(folder, 'buf'), join(target, 'buf'), { recursive: true });
  rmSync(folder, { recursive: true });
}
console.log(`${target} is complete.`);
