// Installs what package-lock.json names, when it is not what is installed. Runs on whatever Node the machine has, before node_modules
// exists: no dependency, no syntax newer than Node 18.
import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const bringsOwnNode = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
// argon2 came to node:crypto with 24.7.
const [neededMajor, neededMinor] = bringsOwnNode ? [20, 0] : [24, 7];
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(
    `Node ${neededMajor}.${neededMinor} or newer is needed here; this is ${process.version}: https://nodejs.org`,
  );
  process.exit(1);
}

const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const mark = 'node_modules/.installed-lock';

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
  const started = Date.now();
  console.log('Installing the packages of package-lock.json (once; about a minute)…');
  try {
    execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: 'inherit' });
  } catch {
    process.exit(1); // npm has said why
  }
  writeFileSync(mark, lock);
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}
