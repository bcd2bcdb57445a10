// Regenerates what is derived from proto/: the TypeScript code and the descriptor set of libs/contracts.
import { execFileSync } from 'node:child_process';

if (process.argv.includes('--help')) {
  console.log(
    'npm run protos: extracts third-party protos, then regenerates libs/contracts/src/gen and libs/contracts/descriptors from proto/.',
  );
  process.exit(0);
}
const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' });

run(process.execPath, 'scripts/third-party-protos.mjs');
run('buf', 'lint');
run('buf', 'generate');
run('buf', 'build', '--as-file-descriptor-set', '-o', 'libs/contracts/descriptors/store.binpb');
console.log('libs/contracts is up to date with proto/. Next: npm run client, for what clients see of it.');
