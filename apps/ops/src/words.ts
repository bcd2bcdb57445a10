import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { type Saga_Choice, Saga_Outcome, Saga_Phase, type Saga_State } from '#libs/contracts';

/** An instant for people and for log searches: UTC, with milliseconds; empty without one. */
export const time = (at: Timestamp | undefined): string => (at ? timestampDate(at).toISOString() : '');

/** How long ago, in its largest unit. */
export function age(at: Timestamp | undefined, now = Date.now()): string {
  if (!at) return '';
  const seconds = Math.max(0, Math.round((now - timestampDate(at).getTime()) / 1000));
  const [size, unit] = UNITS.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

/** A state in a few words, e.g. `running: hold stock`. */
export function sagaState(state: Saga_State | undefined): string {
  if (!state) return '';
  const { phase, step, undoing, cause } = state;
  const more = [step, undoing.join(', '), cause && `(${cause})`].filter(Boolean).join(' ');
  return `${Saga_Phase[phase].toLowerCase()}${more && `: ${more}`}`;
}

/** A choice as the options that take it. */
export function choiceOptions({ outcome, refusal, undo }: Saga_Choice): string {
  const name = Saga_Outcome[outcome].toLowerCase().replaceAll('_', '-');
  return `--outcome ${name}${refusal && ` --refusal ${refusal}`}${undo && ` --undo ${undo}`}`;
}

interface Money {
  readonly currencyCode: string;
  readonly minorUnits: bigint;
}

/** In the smallest unit: how many of them make one of the currency is nothing that an operator should have to guess. */
export const money = (amount: Money | undefined): string =>
  amount ? `${amount.minorUnits} ${amount.currencyCode} (minor units)` : '';
