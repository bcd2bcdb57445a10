/** With its time zone: without one each machine would read another moment, and a later one than was meant loses messages. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** @throws for what is no moment, or not of the past */
export function momentOf(text: string): Date {
  const moment = new Date(text);
  if (MOMENT.test(text) && moment <= new Date()) return moment;
  throw new Error(`--since ${text} is no moment of the past; write it as 2026-11-22T21:00:00Z`);
}
