// Gathers what the image needs of this repository at run time: node collect.mjs [--help] FOLDER, in its root, after npm run build
import { cpSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [target] = process.argv.slice(2);
if (!target || target === '--help') {
  console.log('node collect.mjs FOLDER: copies built apps and what they read (migrations, routes, pages) to FOLDER');
  process.exit(target ? 0 : 2);
}

const NEEDED = [
  'package.json', // how apps find libs, and the version that telemetry names
  'dist/{apps,libs}/**/*.js',
  'deploy/healthcheck.mjs',
  'apps/*/migrations/*',
  'libs/*/migrations/*',
  'libs/contracts/descriptors/*',
  'apps/gateway/gateway.yaml',
  'apps/gateway/reference-page/*',
];
/** For developers' machines alone: npm start, and the servers that it and tests start. */
const NOT_IN_CONTAINERS = /^dist\/(apps\/launcher|libs\/(embedded|testing))\//;

const files = NEEDED.flatMap((pattern) => {
  const found = globSync(pattern).filter((file) => statSync(file).isFile());
  if (found.length === 0)
    throw new Error(`There is no ${pattern}: has it moved? Then say so in deploy/image/collect.mjs`);
  return found.filter((file) => !NOT_IN_CONTAINERS.test(file));
});
for (const file of files) cpSync(file, join(target, file));
console.log(`${files.length} files for the image`);
