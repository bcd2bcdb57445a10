// Takes out of node_modules what no app reads at run time: node prune-modules.mjs [--help] [FOLDER]
// Licences and readmes stay: what we hand on names its authors.
import { existsSync, globSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [folder = 'node_modules'] = process.argv.slice(2);
if (folder === '--help') {
  console.log('node prune-modules.mjs [FOLDER]: deletes types, source maps, tests and documents from node_modules');
  process.exit(0);
}

/** Types, and the sources that source maps lead to. */
const NOT_RUN = /\.([cm]?tsx?|map|flow|tsbuildinfo)$/;
const NEWS = /^(changelog|history|changes|contributing|code_of_conduct|governance|project_charter|sponsors)\b.*\.md$/i;
/** In the root of a package; deeper down they may be code. */
const NOT_CODE = new Set([
  'test',
  'tests',
  '__tests__',
  'benchmark',
  'benchmarks',
  'example',
  'examples',
  'docs',
  '.github',
]);
/** By package: the forms in which it comes that Node does not load. */
const OTHER_FORMS = [
  '@types',
  '.bin',
  'node-linux-*', // the image brings its own Node
  'rxjs/{src,dist/bundles,dist/esm,dist/esm5}',
  'swagger-ui-dist/swagger-ui{-es-bundle*,-standalone-preset*,}.js',
];

const before = sizeOf(folder);
for (const pattern of OTHER_FORMS) for (const path of globSync(join(folder, pattern))) remove(path);
prune(folder);
console.log(`${folder}: ${megabytes(before)} MB before, ${megabytes(sizeOf(folder))} MB after`);

function prune(place) {
  const isPackage = existsSync(join(place, 'package.json'));
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    const path = join(place, entry.name);
    if (entry.isDirectory()) isPackage && NOT_CODE.has(entry.name) ? remove(path) : prune(path);
    else if (NOT_RUN.test(entry.name) || NEWS.test(entry.name)) remove(path);
  }
}

function remove(path) {
  rmSync(path, { recursive: true });
}

function sizeOf(place) {
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0);
}
