// Holds a running store against its own OpenAPI document with schemathesis, as a customer and as an administrator.
//   STORE_URL=http://127.0.0.1:8080 npm run check:api       seconds per role: CHECK_SECONDS, default 240
// The store gets test data: use one that is for that (STORE_DIR=/tmp/check STORE_PORT_OFFSET=any npm start).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const url = process.env.STORE_URL;
if (!url) {
  console.error('Say which store: STORE_URL=http://127.0.0.1:8080 npm run check:api');
  process.exit(2);
}
const folder = resolve('test/schemathesis');
const requirements = join(folder, 'requirements.txt');
const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const environment = join(cache, 'ineedthatfast', `schemathesis-${hash}`);
const program = join(environment, 'bin', 'st');

function run(command, args, more = {}) {
  return spawnSync(command, args, { stdio: 'inherit', cwd: folder, ...more }).status ?? 1;
}

if (!existsSync(program)) {
  const pip = join(environment, 'bin', 'pip');
  const failed =
    run('python3', ['-m', 'venv', environment]) ||
    run(pip, ['install', '--quiet', '--require-hashes', '--no-deps', '-r', requirements]);
  if (failed) process.exit(1);
}
const options = ['--phases', 'examples,coverage,fuzzing,stateful', '--seed', '1', '--generation-database', 'none'];
const limits = ['--max-time', process.env.CHECK_SECONDS ?? '240', '--max-examples', '25'];
const statuses = ['customer', 'admin'].map((role) => {
  console.log(`\n== as ${role}`);
  const env = { ...process.env, STORE_URL: url, STORE_ROLE: role };
  const args = ['--config-file', 'schemathesis.toml', 'run', `${url}/openapi.json`, ...options, ...limits];
  return run(program, args, { env });
});
process.exit(statuses.some((status) => status !== 0) ? 1 : 0);
