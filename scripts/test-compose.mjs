// npm run test:compose: the store that docker-compose.yml describes, built and run, broken and mended.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const HELP = `npm run test:compose [-- PATTERN…]: what docker-compose.yml promises, tried on real containers.

  npm run test:compose                  every file of test/compose, one after the other
  npm run test:compose -- kill          only files whose path matches
  npm run test:compose -- -t postgres   only tests whose name matches (jest's options are passed on)

Needs Docker with its compose plugin, ≥ 2.30. Each file builds the image, starts a store of its own under its own project name
on free ports, and takes it down again with its volumes; yours is not touched. What fails is told with the last lines of the
containers that are not well. Measured on two busy cores:
a store comes up in 2 minutes, in 5 when its image must be built; up 8 minutes, restore 9, kill 2 for each part. Beside these tests nothing else should keep the machine busy: they wait by conditions, with limits.`;

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
// Ctrl-C reaches jest as well, which then has no time to take its store down: that is done here, whatever ends it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal));
const projects = `ineedthatfast-test-${process.pid}-`;
const tests = spawn(process.execPath, ['scripts/test.mjs', '--runInBand', ...args, '--selectProjects', 'compose'], {
  stdio: 'inherit',
  env: { ...process.env, COMPOSED_PROJECTS: projects },
});
const [code] = await once(tests, 'exit');
for (const project of leftOver()) {
  console.error(`Taking down ${project}`);
  spawnSync('docker', ['compose', '--project-name', project, 'down', '--volumes', '--remove-orphans'], {
    stdio: 'ignore',
  });
}
process.exit(code ?? 1);

/** Projects of this run that are still there. */
function leftOver() {
  const { stdout } = spawnSync('docker', ['compose', 'ls', '--all', '--quiet'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter((name) => name.startsWith(projects));
}

/** A sentence about what is not there, or undefined. */
function whatIsMissing() {
  const ask = (...command) => spawnSync('docker', command, { encoding: 'utf8' });
  const engine = ask('version', '--format', '{{.Server.Version}}');
  if (engine.error) return 'There is no program "docker" on this machine.';
  if (engine.status !== 0) return `The Docker engine does not answer: ${engine.stderr.trim().split('\n').at(-1)}`;
  if (ask('compose', 'version').status !== 0) return 'Docker has no compose plugin: "docker compose version" fails.';
  return undefined;
}
