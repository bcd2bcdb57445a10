// Asks the registry for known vulnerabilities of the packages that run in production.
//   node scripts/audit.mjs             exits 1 when there is one of level high or critical, 2 when nothing could be asked
//   node scripts/audit.mjs --tolerate-silence   exits 0 in the second case: the registry of this machine has no answers
import { spawnSync } from 'node:child_process';

if (process.argv.includes('--help')) {
  console.log(
    'node scripts/audit.mjs [--tolerate-silence]: known vulnerabilities of production packages, by npm audit',
  );
  process.exit(0);
}

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
const report = parse(stdout);

if (!report?.metadata?.vulnerabilities) {
  console.warn(`NOT AUDITED: ${report?.message ?? 'the registry gave no answer'}. Run it where the registry audits.`);
  process.exit(process.argv.includes('--tolerate-silence') ? 0 : 2);
}
const { vulnerabilities } = report.metadata;
const grave = Object.values(report.vulnerabilities).filter(({ severity }) => /high|critical/.test(severity));
for (const { name, severity, range } of grave) console.error(`${severity}: ${name} ${range}; see npm audit`);
console.log(
  `audited: ${vulnerabilities.total} known vulnerabilities in production packages, ${grave.length} of them grave`,
);
process.exit(grave.length > 0 ? 1 : 0);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
