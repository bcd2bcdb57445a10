import { create } from '@bufbuild/protobuf';
import {
  OrderPlacedSchema,
  PaymentVoidedSchema,
  StockClaimedSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { defineSaga } from './define-saga.js';
import { onlyPivot, sampleDefinition, sampleSaga } from './sample-saga.js';
import { repliesOf, type SagaStep } from './table.js';

type Step = (typeof sampleDefinition)['steps'][number];
type Change = Partial<Step>;

/** The sample with one of its steps changed. */
function withStep(name: string, change: Change) {
  const steps = sampleDefinition.steps.map((step) => (step.name === name ? { ...step, ...change } : step));
  return () => defineSaga({ ...sampleDefinition, steps });
}
const step = (name: string): Step => {
  const found = sampleDefinition.steps.find((one) => one.name === name);
  if (!found) throw new Error(`the sample has no step ${name}`);
  return found;
};

describe('a saga table', () => {
  it('is accepted when every step can be answered and taken back', () => {
    expect(defineSaga(sampleDefinition)).toBe(sampleDefinition);
  });

  it('is accepted when its pivot can be refused, also as its only step', () => {
    expect(defineSaga(onlyPivot)).toBe(onlyPivot);
  });

  const broken: [string, () => unknown, string][] = [
    ['no pivot', withStep('capture', { pivot: undefined }), 'exactly one step must be the pivot, found 0'],
    ['two pivots', withStep('claim', { pivot: true }), 'exactly one step must be the pivot, found 2'],
    ['a step without success', withStep('claim', { success: [] }), '"claim" has no success reply'],
    [
      'a step before the pivot without failure',
      withStep('reserve', { failure: [] }),
      '"reserve" is before the pivot and has no failure reply',
    ],
    [
      'a step before the pivot without undo',
      withStep('reserve', { undo: undefined }),
      '"reserve" is before the pivot and has no undo',
    ],
    [
      'a failure after the pivot',
      withStep('claim', { failure: step('reserve').failure }),
      '"claim" has a failure reply',
    ],
    ['an undo of the pivot', withStep('capture', { undo: step('authorize').undo }), '"capture" has an undo'],
    ['two steps of one name', withStep('claim', { name: 'reserve' }), 'two steps are called "reserve"'],
    [
      'one command for two steps',
      withStep('claim', { command: step('reserve').command }),
      'two steps send inventory.ReserveStock.v1',
    ],
    [
      'a reply that means two things',
      withStep('claim', { success: [StockReservedSchema] }),
      'StockReserved would be ambiguous',
    ],
    [
      'an undo that is also a step',
      withStep('claim', { command: step('reserve').undo?.command }),
      'inventory.ReleaseStock.v1 is both',
    ],
    ['one undo with two answers', twoAnswers(), 'inventory.ReleaseStock.v1 has two different replies'],
    ['an event as a reply', withStep('claim', { success: [OrderPlacedSchema] }), 'OrderPlaced is used as a reply'],
    ['no version', () => defineSaga({ ...sampleDefinition, version: 0 }), 'version must be 1, 2, 3'],
  ];
  it.each(broken)('is refused with %s', (_, define, message) => {
    expect(define).toThrow(message);
  });

  it('is refused with all its problems at once', () => {
    expect(withStep('reserve', { undo: undefined, failure: [] })).toThrow(/no failure reply(.|\n)*no undo/);
  });

  it('names every reply that needs a handler, once', () => {
    const names = repliesOf(sampleSaga).map((message) => message.name);
    expect(names).toEqual(expect.arrayContaining([StockClaimedSchema.name, PaymentVoidedSchema.name]));
    expect(names).toHaveLength(8);
  });
});

describe('a refusal', () => {
  const [refusal] = step('reserve').failure ?? [];

  it('takes its reason from the reply', () => {
    expect(refusal?.because(create(StockReservationRejectedSchema, { sku: 'tea' }))).toBe('no tea');
  });

  it('refuses another message', () => {
    expect(() => refusal?.because(create(StockReleasedSchema, {}))).toThrow('expected a store.inventory.v1.StockRes');
  });
});

function twoAnswers() {
  const undo: SagaStep<never>['undo'] = {
    command: step('reserve').undo?.command ?? step('reserve').command,
    done: StockClaimedSchema,
  };
  const steps = sampleDefinition.steps.map((one) => (one.name === 'authorize' ? { ...one, undo } : one));
  return () => defineSaga({ ...sampleDefinition, steps });
}
