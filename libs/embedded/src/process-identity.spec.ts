import { identify, isAlive } from './index.js';

describe('the identity of a process', () => {
  it('is the same at each look, and alive as long as the process is', () => {
    const self = identify(process.pid);
    expect(self).toEqual(identify(process.pid));
    expect(self && isAlive(self)).toBe(true);
  });

  it('is not that of another process which got the same pid', () => {
    expect(isAlive({ pid: process.pid, started: 'before it was born' })).toBe(false);
  });

  it('does not exist for a pid that nobody has', () => {
    expect(identify(2 ** 22 + 1)).toBeUndefined(); // above Linux's largest pid
  });
});
