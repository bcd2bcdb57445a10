import { judge } from './coverage.js';
import { operationsOf } from './operations.js';

describe('what a run has covered', () => {
  it('is everything where each operation succeeded, whatever else it answered', () => {
    const { gaps, calls, lines } = judge(['A', 'Bc'], { A: { 201: 1, 404: 30 }, Bc: { 200: 5 } });
    expect(gaps).toEqual([]);
    expect(calls).toBe(36);
    expect(lines).toEqual(['A   201: 1  404: 30', 'Bc  200: 5']);
  });

  it('lacks operations that were refused each time, or never called', () => {
    const { gaps } = judge(['A', 'B', 'C'], { A: { 401: 3, 403: 2, 404: 9 }, B: { 200: 50 } });
    expect(gaps).toEqual(['A never succeeded', 'C never succeeded']);
  });

  it('is not to be believed where throttles refused one call in twenty', () => {
    expect(judge(['A'], { A: { 200: 95, 429: 5 } }).gaps).toEqual([]);
    expect(judge(['A'], { A: { 200: 94, 429: 6 } }).gaps).toEqual(['throttles refused 6 of 100 calls']);
  });
});

describe('the operations of a role', () => {
  const operation = (operationId: string, ...alternatives: string[][]) => ({
    operationId,
    security: alternatives.map((accessToken) => ({ accessToken })),
  });
  const document = {
    paths: {
      '/a': { get: operation('Open'), post: operation('SignedIn', []) },
      '/b': { get: operation('Own', ['orders:read']), post: operation('All', ['orders:read', 'orders:read:all']) },
      '/c': { get: operation('Either', ['stock:read'], ['users:read']) },
    },
  };

  it('are those that need no token, those that its scopes open, or all that need one', () => {
    expect(operationsOf(document, 'anonymous')).toEqual(['Open']);
    expect(operationsOf(document, 'customer')).toEqual(['SignedIn', 'Own', 'Either']);
    expect(operationsOf(document, 'admin')).toEqual(['SignedIn', 'Own', 'All', 'Either']);
  });
});
