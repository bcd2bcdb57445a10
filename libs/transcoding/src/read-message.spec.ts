import { DomainError } from '#libs/errors';
import { compileLetters, rpcsOf } from '../test/letters.js';
import { createCodec, type MethodCodec, routesOf } from './index.js';

const LENGTH = 60_000;

/** CPU milliseconds, the best of a few, and what is wrong with a long message so many levels down. */
function searched(codec: MethodCodec, depth: number): { ms: number; told: unknown } {
  const letter = `{"cuts":[${'1,'.repeat(LENGTH)}2],"color":7}`;
  const body = Buffer.from(`{"seal":${'{"inner":'.repeat(depth)}${letter}${'}'.repeat(depth)}}`);
  let [ms, told]: [number, unknown] = [Number.POSITIVE_INFINITY, undefined];
  for (let round = 0; round < 4; round++) {
    const started = process.cpuUsage();
    try {
      codec.decode({ variables: ['1'], query: '', body });
    } catch (error) {
      told = error instanceof DomainError ? error.violations.map(({ description }) => description) : error;
    }
    const { user, system } = process.cpuUsage(started);
    ms = Math.min(ms, (user + system) / 1_000);
  }
  return { ms, told };
}

describe('a body with a fault', () => {
  it('is searched for it at no more cost where it lies deep', () => {
    const registry = compileLetters();
    const [route] = rpcsOf(registry, 'Letters')
      .filter(({ name }) => name === 'Everything')
      .flatMap((rpc) => routesOf(rpc));
    if (!route) throw new Error('no route');
    const codec = createCodec(route, registry, { compiled: false });
    const [shallow, deep] = [searched(codec, 1), searched(codec, 90)];
    for (const { told } of [shallow, deep]) {
      expect(told).toEqual(['must be a string']);
    }
    expect(deep.ms / shallow.ms).toBeLessThan(3);
  });
});
