// globalTeardown: closing its standard input ends the infrastructure; it also ends so when jest dies.
import { once } from 'node:events';

export default async function stop() {
  const child = globalThis.testInfrastructure;
  if (child === undefined) return;
  globalThis.testInfrastructure = undefined;
  process.env.TEST_INFRASTRUCTURE = '';
  const ended = child.exitCode === null ? once(child, 'exit') : undefined;
  child.stdin.end();
  await ended;
}
