import { isDeepStrictEqual } from 'node:util';
import type { LoadJob } from './load-job.js';

/** What an answer must say; its JSON may be written in any way. */
export class Expectation {
  private readonly job: Pick<LoadJob, 'status' | 'answers'>;
  /** The body that was found right last: most are the same byte for byte. */
  private right: Buffer | undefined;

  constructor(job: Pick<LoadJob, 'status' | 'answers'>) {
    this.job = job;
  }

  /** @throws saying what came instead */
  check(status: number, body: Buffer): void {
    const { status: expected, answers } = this.job;
    if (status !== expected)
      throw new Error(`answered ${status} instead of ${expected}: ${body.toString().slice(0, 300)}`);
    if (this.right?.equals(body)) return;
    const answer = JSON.parse(body.toString());
    if (!answers.some((right) => isDeepStrictEqual(answer, right))) {
      throw new Error(`answered what is not the same JSON as expected: ${body.toString().slice(0, 300)}`);
    }
    this.right = Buffer.from(body);
  }
}
