import type { Outcome } from './compare.js';
import type { CheckRequest } from './requests.js';

interface Found {
  readonly request: CheckRequest;
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

/** Each heading in docs/grpc-gateway.md, with what falls under it. */
const CLASSES: Readonly<Record<string, (found: Found) => boolean>> = {
  'HEAD and OPTIONS are answered': ({ request: { method }, theirs }) =>
    (method === 'HEAD' || method === 'OPTIONS') && theirs.answered.status >= 400,
  'A method that nobody knows': ({ request: { method }, ours }) => method === 'BREW' && ours.answered.status === 400,
  'Of two faults another is told': ({ request: { headers }, theirs, ours }) =>
    'x-http-method-override' in headers &&
    [theirs, ours].every(({ answered, seen }) => answered.status >= 400 && !seen),
  'A key twice, first with an unknown enum value': ({ theirs, ours }) =>
    theirs.seen !== undefined && /mood[^ ]*: is given twice/i.test(ours.answered.body),
  'A map in two spellings': ({ request: { target, body = '' }, theirs, ours }) =>
    theirs.seen?.rpc === ours.seen?.rpc && /labels=/.test(target + body) && /labels\[/.test(target + body),
};

/** The heading under which a disagreement is explained. */
export function classOf(found: Found): string | undefined {
  return Object.entries(CLASSES).find(([, holds]) => holds(found))?.[0];
}
