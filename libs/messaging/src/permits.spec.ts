import { Permits } from './permits.js';

describe('permits', () => {
  it('let so many run at the same time, the others in order, also after failures', async () => {
    const permits = new Permits(2);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const work = (number: number) =>
      permits.use(async () => {
        order.push(number);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (number % 2) throw new Error('odd');
      });
    await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
