// Checks the rules of Prometheus and runs their tests, by promtool: npm run check:rules
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const RULES = 'deploy/prometheus/rules';
const TESTS = 'deploy/prometheus/tests';
const HELP = `node scripts/rules.mjs [--tolerate-absence]: the rules of ${RULES} and the tests of ${TESTS}, by promtool

promtool is looked for in PROMTOOL (a path), then in PATH. Where there is none and Debian's apt-get is, it is taken out of the
package prometheus into the cache, without its server.

Exit codes: 0 all is well; 1 a rule or a test fails; 2 there is no promtool, and with --tolerate-absence 0.`;

if (process.argv.includes('--help')) {
  console.log(HELP);
  process.exit(0);
}

const promtool = [process.env.PROMTOOL, 'promtool'].filter(Boolean).find(runs) ?? unpacked();
if (!promtool) {
  console.warn('NOT CHECKED: there is no promtool. Install Prometheus, or name the program in PROMTOOL.');
  process.exit(process.argv.includes('--tolerate-absence') ? 0 : 2);
}
const checks = [
  ['check', 'rules', '--lint=all', '--lint-fatal', ...files(RULES)],
  ['test', 'rules', ...files(TESTS)],
];
const failed = checks.filter((check) => spawnSync(promtool, check, { stdio: 'inherit' }).status !== 0);
process.exit(failed.length > 0 ? 1 : 0);

function files(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name));
}

function runs(program) {
  return spawnSync(program, ['--version']).status === 0;
}

/** promtool out of Debian's package, kept for the next time; undefined where that cannot be had. */
function unpacked() {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ineedthatfast', 'promtool');
  const program = join(folder, 'promtool');
  if (existsSync(program)) return runs(program) ? program : undefined;
  const work = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    console.log('taking promtool out of the package prometheus …');
    if (!download(work)) return undefined;
    const packed = readdirSync(work).find((name) => name.endsWith('.deb'));
    if (!packed || spawnSync('dpkg-deb', ['-x', packed, 'out'], { cwd: work }).status !== 0) return undefined;
    mkdirSync(folder, { recursive: true });
    cpSync(join(work, 'out', 'usr', 'bin', 'promtool'), program);
    return runs(program) ? program : undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Once with the lists that are there, once with new ones, which root alone may fetch. */
function download(folder) {
  const once = () => spawnSync('apt-get', ['download', '-qq', 'prometheus'], { cwd: folder }).status === 0;
  return once() || (spawnSync('apt-get', ['update', '-qq']).status === 0 && once());
}
