// globalSetup of the projects "component" and "e2e": starts the process that starts PostgreSQL, Kafka and the store on demand.
// Without tests of these projects jest never calls it; without a test that asks, that process starts nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const program = 'dist/libs/testing/src/infrastructure.main.js';

export default async function start() {
  if (process.env.TEST_INFRASTRUCTURE) return; // one for both projects
  if (!existsSync(program)) throw new Error(`${program} is missing: run tests by "npm test", which builds first`);
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [place] = await Promise.race([once(createInterface(child.stdout), 'line'), failure(child)]);
  process.env.TEST_INFRASTRUCTURE = place;
  globalThis.testInfrastructure = child;
}

async function failure(child) {
  const [code] = await once(child, 'exit');
  throw new Error(`${program} ended with ${code} before it was ready`);
}
