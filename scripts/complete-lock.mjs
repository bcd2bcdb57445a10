// A registry may serve only the binaries of some platforms; npm then leaves the others out of the lock, and `npm ci`
// refuses the lock on those platforms. This adds the optional packages that are named and not locked.
//   node scripts/complete-lock.mjs           adds them
//   node scripts/complete-lock.mjs --check   exits 1 when some are missing
import { readFileSync, writeFileSync } from 'node:fs';

const OS = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
};
const CPU = {
  arm: 'arm',
  arm64: 'arm64',
  armv7: 'arm',
  ia32: 'ia32',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  wasm32: 'wasm32',
  x64: 'x64',
};

if (process.argv.includes('--help')) {
  console.log(
    'node scripts/complete-lock.mjs [--check]: adds (or only looks for) platform packages that the lock leaves out',
  );
  process.exit(0);
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(path, name))
    .map(([name, version]) => [`node_modules/${name}`, platformEntry(name, version, entry.dev)]),
);

if (process.argv.includes('--check')) {
  for (const [path] of missing) console.error(`package-lock.json leaves out ${path}`);
  if (missing.length > 0) console.error('Run: node scripts/complete-lock.mjs');
  process.exit(missing.length > 0 ? 1 : 0);
}
if (missing.length > 0) {
  const entries = [...Object.entries(lock.packages), ...missing].sort(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(entries);
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`${missing.length} platform packages added to package-lock.json`);

/** Whether Node's resolution from `path` upwards finds a locked package of this name. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (lock.packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

function platformEntry(name, version, dev) {
  if (!/^\d/.test(version)) throw new Error(`${name}: the version "${version}" is no exact one; lock it by hand`);
  const words = name.split(/[/-]/);
  const os = words.map((word) => OS[word]).find(Boolean);
  const cpu = words.map((word) => CPU[word]).find(Boolean);
  if (!os && !cpu) throw new Error(`${name}: its name tells no platform; lock it by hand`);
  const musl = words.some((word) => word.startsWith('musl'));
  return {
    version,
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev: true }),
    ...(os === 'linux' && { libc: [musl ? 'musl' : 'glibc'] }),
    optional: true,
    ...(os && { os: [os] }),
  };
}
