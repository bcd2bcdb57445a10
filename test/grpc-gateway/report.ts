import type { CheckResult, Disagreement } from './check.js';
import type { Outcome } from './compare.js';

const MOST_IN_PERCENT = 1;

/** What came of a check, and whether that is well: less than 1 % disagree, and each of them is explained. */
export function summary({ requests, seed, statuses, disagreements }: CheckResult): { text: string; isWell: boolean } {
  const share = (disagreements.length * 100) / requests;
  const byClass = Map.groupBy(disagreements, ({ known }) => known ?? 'NOT EXPLAINED');
  const classes = [...byClass].map(([known, all]) => {
    const [first] = all;
    return `${String(all.length).padStart(6)}  ${known}${first ? `\n${tell(first)}` : ''}`;
  });
  const answered = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  const text = [
    `${requests} requests (seed ${seed}), answered by grpc-gateway with ${answered.join(', ')}`,
    `${disagreements.length} disagreements: ${share.toFixed(2)} %`,
    ...classes,
  ].join('\n');
  return { text, isWell: share < MOST_IN_PERCENT && disagreements.every(({ known }) => known !== undefined) };
}

/** Every disagreement in full. */
export function tellAll({ disagreements }: CheckResult): string {
  return disagreements.map((one) => `${one.known ?? 'NOT EXPLAINED'}\n${tell(one)}`).join('\n');
}

function tell({ difference, request, theirs, ours }: Disagreement): string {
  const { method, target, headers, body } = request;
  return [
    `        ${difference}`,
    `        ${method} ${target} ${JSON.stringify(headers)}`,
    ...(body === undefined ? [] : [`        ${JSON.stringify(body)}`]),
    `        theirs: ${line(theirs)}`,
    `        ours:   ${line(ours)}`,
  ].join('\n');
}

function line({ answered: { status, body }, seen }: Outcome): string {
  const sent = seen ? `${seen.rpc} ${seen.bytes.toString('hex').slice(0, 400)}` : 'not called';
  return `${status} ${body.slice(0, 600)} | ${sent}`;
}
