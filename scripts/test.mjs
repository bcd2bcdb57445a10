// Runs jest on ES modules; arguments are passed on (npm test -- orders, npm run test:unit). Component and e2e tests start programs
// from dist/, so these are built first: all of them for e2e and compose, only the infrastructure for component tests. What needs
// Docker runs only when it is asked for: npm run test:compose.
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);
const run = (...command) => spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 1;

const projects = selectedProjects();
const all = projects.includes('e2e') || projects.includes('compose');
const needed = all ? [] : projects.includes('component') ? ['embedded', 'testing'] : undefined;
if (needed !== undefined && run('scripts/build.mjs', ...needed) !== 0) process.exit(1);

const flags = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=TimeoutNegativeWarning',
];
// At the end: jest takes every word up to the next option for a project.
const without = args.includes('--selectProjects') ? [] : ['--ignoreProjects', 'compose'];
process.exit(run(...flags, 'node_modules/jest/bin/jest.js', ...args, ...without));

/** What follows --selectProjects up to the next option; without it all. */
function selectedProjects() {
  const at = args.indexOf('--selectProjects');
  if (at < 0) return ['unit', 'component', 'e2e'];
  const rest = args.slice(at + 1);
  const end = rest.findIndex((argument) => argument.startsWith('-'));
  return end < 0 ? rest : rest.slice(0, end);
}
