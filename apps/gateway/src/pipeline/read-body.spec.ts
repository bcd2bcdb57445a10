import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type BodyOptions, readBody } from './read-body.js';

const OPTIONS: BodyOptions = { maxBytes: 10, kind: 'json' };
const noContinue = { writeContinue: () => {} };

/** A request whose body is what is pushed. */
function request(): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers = { 'content-type': 'application/json' };
  message.httpVersion = '1.1';
  return message;
}

describe('the body of a request', () => {
  it('is all that comes, in whatever pieces', async () => {
    const sent = request();
    for (const piece of ['{"a"', ':1', '}', null]) sent.push(piece);
    expect((await readBody(sent, OPTIONS, noContinue)).toString()).toBe('{"a":1}');
  });

  it('is refused when it is larger than allowed, and the rest is read away', async () => {
    const sent = request();
    const read = readBody(sent, OPTIONS, noContinue);
    sent.push('x'.repeat(11));
    await expect(read).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(sent.readableFlowing).toBe(true);
  });

  it('is cancelled with a client that goes away, be it before anybody reads', async () => {
    const late = request();
    const read = readBody(late, OPTIONS, noContinue);
    late.destroy();
    await expect(read).rejects.toMatchObject({ code: 'CANCELLED' });
    const gone = request();
    gone.destroy();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    gone.once('close', resolve);
    await closed;
    await expect(readBody(gone, OPTIONS, noContinue)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
