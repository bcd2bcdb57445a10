import { createCodec } from '#libs/transcoding';
import { bodyTargets } from './targets.js';
import { tryDocument } from './try-document.js';

describe('random bodies', () => {
  const targets = bodyTargets();

  it('are read by compiled code as by reflection, or refused by both', () => {
    const outcomes = new Map<string, number>();
    for (let index = 0; index < 2_000; index++) {
      const { outcome, fault, target, document } = tryDocument(index, 7, targets);
      expect([target, document.bytes.toString('latin1').slice(0, 1_000), fault]).toEqual([
        target,
        expect.anything(),
        undefined,
      ]);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    for (const outcome of ['accepted', 'MALFORMED_BODY', 'UNKNOWN_FIELD', 'VALIDATION_FAILED']) {
      expect(outcomes.get(outcome)).toBeGreaterThan(50);
    }
  });

  it('tell one way from another that is different', () => {
    const target = targets.find(({ name }) => name === 'toy.Books.Whole');
    if (!target) throw new Error('no target');
    const { route, registry } = target;
    const other = { ...target, reflected: createCodec(route, registry, { dialect: 'google', compiled: false }) };
    const faults = Array.from({ length: 1_000 }, (_, index) => tryDocument(index, 7, [other]).fault).filter(Boolean);
    expect(faults.length).toBeGreaterThan(0);
  });
});
