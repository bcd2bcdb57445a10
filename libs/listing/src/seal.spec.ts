import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Seal } from './seal.js';

const secret = randomBytes(32);
const bytes = () => fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));

describe('a seal', () => {
  it('opens what it closed, under any replica with the same secret', () => {
    fc.assert(
      fc.property(bytes(), bytes(), (content, context) => {
        expect(new Seal(secret).open(new Seal(secret).close(content, context), context)).toEqual(content);
      }),
    );
  });

  it('opens nothing of another secret or another context', () => {
    fc.assert(
      fc.property(bytes(), bytes(), bytes(), (content, context, other) => {
        fc.pre(!context.equals(other));
        const token = new Seal(secret).close(content, context);
        expect(new Seal(secret).open(token, other)).toBeUndefined();
        expect(new Seal(randomBytes(32)).open(token, context)).toBeUndefined();
      }),
    );
  });

  it('opens nothing that has one bit changed, one character less or one more', () => {
    const seal = new Seal(secret);
    fc.assert(
      fc.property(bytes(), bytes(), fc.nat(), (content, context, where) => {
        const token = seal.close(content, context);
        const raw = Buffer.from(token, 'base64url');
        const at = where % (raw.length * 8);
        raw[at >> 3] = (raw[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(seal.open(raw.toString('base64url'), context)).toBeUndefined();
        for (const other of [token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`, `${token}!`]) {
          expect(seal.open(other, context)).toBeUndefined();
        }
      }),
    );
  });

  it('opens nothing of what anybody may send', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(new Seal(secret).open(text, Buffer.alloc(0))).toBeUndefined()));
  });

  it('shows nothing of its content', () => {
    const token = new Seal(secret).close(Buffer.from('ada@example.org'.repeat(3)), Buffer.from('x'));
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toMatch(/ada|example/);
  });

  it('gives equal texts for equal places, so that equal pages are equal answers', () => {
    const close = () => new Seal(secret).close(Buffer.from('place'), Buffer.from('query'));
    expect(close()).toBe(close());
  });
});
