import { drawTrace, type ViewedSpan } from './trace-tree.js';

const span = (id: string, more: Partial<ViewedSpan>): ViewedSpan => ({
  id,
  service: 'orders',
  name: id,
  kind: '',
  start: 0,
  duration: 1000,
  ...more,
});

describe('a trace as a tree', () => {
  it('puts children below their parents in the order in which they began', () => {
    const tree = drawTrace([
      span('second', { parentId: 'root', start: 3000 }),
      span('root', { service: 'gateway', kind: 'SERVER', duration: 9000 }),
      span('grandchild', { parentId: 'first', start: 2000 }),
      span('first', { parentId: 'root', start: 1000 }),
    ]);
    expect(tree.split('\n').map((line) => line.slice(27))).toEqual([
      'gateway: root (server)',
      '  orders: first',
      '    orders: grandchild',
      '  orders: second',
    ]);
    expect(tree.split('\n')[3]).toMatch(/^\+ +3\.0 ms +1\.0 ms /);
  });

  it('counts calls to the database instead of showing them', () => {
    const tree = drawTrace([
      span('root', {}),
      span('query', { name: 'pg.query:SELECT store', parentId: 'root' }),
      span('connect', { name: 'pg-pool.connect', parentId: 'root' }),
    ]);
    expect(tree).toMatch(/orders: root {2}\+ 2 database spans$/);
  });

  it('shows a span whose parent is missing, and says so', () => {
    expect(drawTrace([span('lonely', { parentId: 'gone' })])).toContain('orders: lonely  its parent is missing');
  });
});
