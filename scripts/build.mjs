// Builds all apps and libs into dist/, once per state of the sources.
import { execFileSync } from 'node:child_process';

const started = Date.now();
execFileSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', '--all'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
console.log(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
