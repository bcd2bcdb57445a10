// npm run test:compose: the store that docker-compose.yml describes, built and run, broken and mended.
import { spawnSync } from 'node:child_process';

const HELP = `npm run test:compose [-- PATTERN…]: what docker-compose.yml promises, tried on real containers.

  npm run test:compose                  every file of test/compose, one after the other
  npm run test:compose -- kill          only files whose path matches
  npm run test:compose -- -t postgres   only tests whose name matches (jest's options are passed on)

Needs Docker with its compose plugin, ≥ 2.30. Each file builds the image, starts a store of its own under its own project name
on free ports, and takes it down again with its volumes; yours is not touched. What fails is told with the last lines of the
containers that are not well. Beside these tests nothing else should keep the machine busy: they wait by conditions, with limits.`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(HELP);
  process.exit(0);
}
const missing = whatIsMissing();
if (missing) {
  console.error(`${missing}\nnpm run test:compose needs Docker; everything else is tested without it by npm test.`);
  process.exit(2);
}
const run = (...command) => spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 1;
process.exit(run('scripts/test.mjs', '--runInBand', ...args, '--selectProjects', 'compose'));

/** A sentence about what is not there, or undefined. */
function whatIsMissing() {
  const ask = (...command) => spawnSync('docker', command, { encoding: 'utf8' });
  const engine = ask('version', '--format', '{{.Server.Version}}');
  if (engine.error) return 'There is no program "docker" on this machine.';
  if (engine.status !== 0) return `The Docker engine does not answer: ${engine.stderr.trim().split('\n').at(-1)}`;
  if (ask('compose', 'version').status !== 0) return 'Docker has no compose plugin: "docker compose version" fails.';
  return undefined;
}
