// Prints how many tests passed and failed by a JSON result of jest; a file that could not run counts as one failure.
import { readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
if (!file || file === '--help') {
  console.log('node scripts/count-tests.mjs RESULT.json: prints "PASSED FAILED" of a result that jest wrote by --json');
  process.exit(file ? 0 : 2);
}
const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8'));
console.log(numPassedTests, numFailedTests + numRuntimeErrorTestSuites);
