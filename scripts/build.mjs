// Builds apps and libs into dist/ when a source changed since the last build. Names build only these: node scripts/build.mjs embedded testing
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const names = process.argv.slice(2);
const mark = names.length === 0 ? 'dist/.built' : `dist/.built-${names.join('-')}`;
const { projects } = JSON.parse(readFileSync('nest-cli.json', 'utf8'));
const folders = (names.length === 0 ? Object.keys(projects) : names).map((name) => projects[name].root);

/** Changes with each added, removed or edited source and with each setting of the compiler. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'nest-cli.json', 'tsconfig.json', '.swcrc']) hash.update(readFileSync(file));
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!name.endsWith('.ts')) continue;
      const { mtimeMs, size } = statSync(join(folder, name));
      hash.update(`${folder}/${name} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest('hex');
}

/** Output of a deleted source would still be found by an import. */
function removeLeftovers(folder) {
  for (const name of readdirSync(join('dist', folder), { recursive: true, encoding: 'utf8' })) {
    const source = join(folder, name.replace(/\.js(\.map)?$/, '.ts'));
    if (/\.js(\.map)?$/.test(name) && !existsSync(source)) rmSync(join('dist', folder, name));
  }
}

const state = fingerprint();
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== state) {
  const started = Date.now();
  const what = names.length === 0 ? ['--all'] : names;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/@nestjs/cli/bin/nest.js', 'build', ...what],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    console.error(`${stdout}${stderr}\nThe build failed.`); // a successful one says only how many files each project has
    process.exit(1);
  }
  for (const folder of folders) removeLeftovers(folder);
  writeFileSync(mark, state);
  console.log(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}
