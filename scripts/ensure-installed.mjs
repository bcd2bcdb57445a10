// Runs on whatever Node the machine has, before node_modules exists: no dependency, no syntax newer than Node 18.
import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const mark = 'node_modules/.installed-lock';

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
  const started = Date.now();
  console.log('Installing the packages of package-lock.json (once; about a minute)…');
  execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: 'inherit' });
  writeFileSync(mark, lock);
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}
