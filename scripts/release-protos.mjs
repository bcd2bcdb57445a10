// Keeps the contracts of a release: from then on .ci/run refuses what would break its clients (buf breaking).
import { execFileSync } from 'node:child_process';

if (process.argv.includes('--help')) {
  console.log(
    'npm run protos:release: writes proto/release.binpb, the contracts that later ones are compared with. Commit it.',
  );
  process.exit(0);
}
execFileSync(process.execPath, ['scripts/third-party-protos.mjs'], { stdio: 'inherit' });
execFileSync('buf', ['build', '-o', 'proto/release.binpb'], { stdio: 'inherit' });
console.log('proto/release.binpb holds the contracts of this release: commit it.');
