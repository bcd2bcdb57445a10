// Regenerates what is derived from the routes that the gateway serves: docs/openapi.json and libs/client/src/gen.
// Their test does it, so that what is written is what is checked.
import { spawnSync } from 'node:child_process';

const test = ['scripts/test.mjs', '--selectProjects', 'unit', '--testPathPatterns', 'test/docs/reference'];
const { status } = spawnSync(process.execPath, test, {
  stdio: 'inherit',
  env: { ...process.env, UPDATE_DOCS: 'true' },
});
process.exit(status ?? 1);
