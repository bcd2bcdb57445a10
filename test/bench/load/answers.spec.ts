import { Answers } from './answers.js';

const SIZED = 'HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED = 'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\nA\r\nlo, people\r\n0\r\n\r\n';

/** What a reader gives for bytes that come in parts of this size. */
function read(text: string, size: number): (string | number)[] {
  const answers = new Answers();
  const bytes = Buffer.from(text);
  const found: (string | number)[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const answer = answers.push(bytes.subarray(at, at + size));
    if (answer) found.push(answer.status, answer.body.toString());
  }
  return found;
}

describe('the answers on a connection', () => {
  it.each([1, 7, 1000])('are read whole, however they are cut: in parts of %d bytes', (size) => {
    expect(read(SIZED, size)).toEqual([200, 'hello']);
    expect(read(CHUNKED, size)).toEqual([201, 'hello, people']);
  });

  it('follow each other on the same connection', () => {
    expect(read(CHUNKED + SIZED + CHUNKED, 1)).toEqual([201, 'hello, people', 200, 'hello', 201, 'hello, people']);
  });

  it('may have no body', () => {
    expect(read('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n', 10)).toEqual([503, '']);
  });

  it('may be streams, which have begun with the first part of their body', () => {
    const answers = new Answers();
    answers.push(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'));
    expect(answers.begun()).toBeUndefined();
    answers.push(Buffer.from('5\r\ndata:'));
    expect(answers.begun()).toBe(200);
  });
});
