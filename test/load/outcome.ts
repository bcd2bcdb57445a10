import { type Answer, textIn } from '../e2e/shop-client.js';

/** What became of one order that was submitted with `Prefer: wait`. */
export interface Outcome {
  /** 201 CONFIRMED; 201 PENDING: it had not ended when the wait was over; 429; no answer… */
  readonly answer: string;
  /** Milliseconds of performance.now(). */
  readonly submitted: number;
  readonly ended: number;
}

/** The only end that a load wants: its orders can be paid, and there is stock for them. */
export const CONFIRMED = '201 CONFIRMED';

/** What an answer says: its status, and the state of the order or the code of the problem. */
export function wordsOf({ status, body }: Answer): string {
  if (status === 201) return `201 ${textIn(body, 'state')}`;
  return typeof body?.code === 'string' ? `${status} ${body.code}` : String(status);
}
