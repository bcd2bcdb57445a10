import { Expectation } from './expectation.js';

const answer = { id: 'a', price: { units: '1', nanos: 5 }, tags: ['x', 'y'] };
const expected = new Expectation({ status: 200, answers: [answer, { other: true }] });
const check = (status: number, body: unknown, indent?: number) => () =>
  expected.check(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body, null, indent)));

describe('what a load expects', () => {
  it('is the same JSON, however it is written, or an alternative to it', () => {
    expect(check(200, answer, 2)).not.toThrow();
    expect(check(200, { tags: ['x', 'y'], price: { nanos: 5, units: '1' }, id: 'a' })).not.toThrow();
    expect(check(200, { other: true })).not.toThrow();
  });

  it('is not met by another status, whatever the body', () => {
    expect(check(500, answer)).toThrow('answered 500 instead of 200');
  });

  it.each([
    ['a field less', { ...answer, tags: undefined }],
    ['a field more', { ...answer, stock: 0 }],
    ['a number for a text', { ...answer, price: { units: 1, nanos: 5 } }],
    ['another order of a list', { ...answer, tags: ['y', 'x'] }],
  ])('is not met by %s', (_, body) => {
    expect(check(200, body)).toThrow('not the same JSON');
  });

  it('is not met by half a body', () => {
    expect(check(200, '{"id":"a"')).toThrow(SyntaxError);
  });
});
