import { preferredWait } from './prefer.js';

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['Wait = "7"; x=y', 7],
    ['wait=0', 0],
    ['wait=99999', 30],
    ['wait=10, wait=20', 10],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait', undefined],
    ['awaiting=3', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%p asks for %p seconds', (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds);
  });
});
