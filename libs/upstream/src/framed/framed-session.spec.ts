import { jest } from '@jest/globals';
import { FramedClient } from '../../test/framed-client.js';
import {
  CONTINUATION,
  DATA,
  GOAWAY,
  HEADERS,
  http2Frame,
  PING,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from '../../test/http2-frames.js';
import { answerFrames, headersFrame, RESPONSE, TRAILERS } from '../../test/raw-peer.js';

const setting = (id: number, value: number) =>
  http2Frame(SETTINGS, { payload: Buffer.concat([Buffer.from([0, id]), uint32(value)]) });
const widen = (stream: number, by: number) => http2Frame(WINDOW_UPDATE, { stream, payload: uint32(by) });
const data = (stream: number, bytes: number, flags = 0) =>
  http2Frame(DATA, { stream, flags, payload: Buffer.alloc(bytes, 'x') });

/** Octets of data sent on a stream by now. */
function octets(client: FramedClient, stream: number): number {
  const frames = client.sent.filter((frame) => frame.type === DATA && frame.stream === stream);
  return frames.reduce((sum, { payload }) => sum + payload.length, 0);
}

describe('a session of our own framing', () => {
  it('begins with its preface, settings without push, and a larger window of the connection', () => {
    const client = new FramedClient();
    expect(client.written.toString('latin1', 0, 24)).toBe('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const [settings, window, ...others] = client.sent;
    expect([settings?.type, settings?.payload.toString('hex')]).toEqual([
      SETTINGS,
      '000200000000000400040000000600010000',
    ]);
    expect([window?.type, window?.stream, window?.payload.readUInt32BE()]).toEqual([
      WINDOW_UPDATE,
      0,
      4 * 1024 * 1024 - 65_535,
    ]);
    expect(others).toEqual([]);
  });

  it('is ready with the settings of its server, acknowledges them, and tells how many streams it takes', () => {
    const client = new FramedClient();
    expect(client.told).toEqual([]);
    client.take(setting(3, 7), setting(0x99, 1));
    expect(client.told).toEqual(['ready 7', 'ready 7']);
    expect(client.sent.filter(({ type, flags }) => type === SETTINGS && flags === 1)).toHaveLength(2);
  });

  it('sends all frames of a turn in one write', () => {
    const client = FramedClient.ready();
    const before = client.written.length;
    for (let count = 0; count < 10; count++) client.open().stream.end(Buffer.from('x'));
    expect(client.written).toHaveLength(before);
    expect(client.sent.filter(({ type }) => type === HEADERS)).toHaveLength(10);
  });

  it('sends headers that are longer than a frame as CONTINUATION, and nothing in between', () => {
    const client = FramedClient.ready();
    client.open(['x-long', 'y'.repeat(40_000)]).stream.end();
    const [first, second, third, end] = client.sent.slice(-4);
    expect([first?.type, second?.type, third?.type]).toEqual([HEADERS, CONTINUATION, CONTINUATION]);
    expect([first?.flags, second?.flags, third?.flags]).toEqual([0, 0, 4]);
    expect([first?.payload.length, second?.payload.length]).toEqual([16_384, 16_384]);
    expect([end?.type, end?.flags]).toEqual([DATA, 1]);
  });

  describe('with what it sends', () => {
    it('keeps to the windows of stream and connection', () => {
      const client = FramedClient.ready();
      const { stream } = client.open();
      stream.end(Buffer.alloc(200_000));
      expect(octets(client, 1)).toBe(65_535);
      client.take(widen(1, 100_000));
      expect(octets(client, 1)).toBe(65_535);
      client.take(widen(0, 10));
      expect(octets(client, 1)).toBe(65_545);
      client.take(widen(0, 1_000_000));
      expect(octets(client, 1)).toBe(165_535);
      client.take(widen(1, 1_000_000));
      expect(octets(client, 1)).toBe(200_000);
      const last = client.sent.findLast(({ type }) => type === DATA);
      expect(last?.flags).toBe(1);
      expect(client.sent.every(({ payload }) => payload.length <= 16_384)).toBe(true);
    });

    it('waits with a window below zero until it is above (RFC 9113, 6.9.2)', () => {
      const client = FramedClient.ready();
      client.take(widen(0, 1_000_000));
      const { stream } = client.open();
      stream.end(Buffer.alloc(100_000));
      expect(octets(client, 1)).toBe(65_535);
      client.take(setting(4, 1_000));
      client.take(widen(1, 64_535));
      expect(octets(client, 1)).toBe(65_535);
      client.take(widen(1, 1));
      expect(octets(client, 1)).toBe(65_536);
      client.take(setting(4, 100_000));
      expect(octets(client, 1)).toBe(100_000);
    });

    it('begins streams with the window that was set', () => {
      const client = FramedClient.ready();
      client.take(setting(4, 3));
      client.open().stream.end(Buffer.alloc(10));
      expect(octets(client, 1)).toBe(3);
    });

    it('gives each stream its turn, a frame at a time', () => {
      const client = FramedClient.ready();
      client.take(setting(4, 1_000_000));
      const streams = [client.open(), client.open(), client.open()];
      for (const { stream } of streams) stream.end(Buffer.alloc(100_000));
      client.take(widen(0, 1_000_000));
      const order = client.sent.filter(({ type }) => type === DATA).map(({ stream }) => stream);
      // The window of the connection went to the first that came; from then on they take turns.
      expect(order.join('')).toBe('1111'.concat('135'.repeat(3), '35'.repeat(4)));
      for (const { stream } of streams) expect(stream.writableFinished).toBe(true);
    });

    it('sends an end without data although there is no window', () => {
      const client = FramedClient.ready();
      client.take(setting(4, 0));
      const { stream } = client.open();
      stream.end();
      expect(client.sent.at(-1)).toMatchObject({ type: DATA, flags: 1, stream: 1 });
    });

    it('tells a writer when its bytes have left, and not before', () => {
      const client = FramedClient.ready();
      const { stream } = client.open();
      const sent: string[] = [];
      stream.write(Buffer.alloc(60_000), () => sent.push('first'));
      stream.write(Buffer.alloc(60_000), () => sent.push('second'));
      expect(client.sent.length).toBeGreaterThan(0);
      expect(sent).toEqual(['first']);
      client.isFull = true;
      client.take(widen(0, 100_000), widen(1, 100_000));
      client.session.outbox.flush();
      expect(sent).toEqual(['first']);
      client.isFull = false;
      client.session.onDrain();
      expect(sent).toEqual(['first', 'second']);
    });

    it('holds data back while the socket is full, but not what the server waits for', () => {
      const client = FramedClient.ready();
      client.isFull = true;
      const { stream } = client.open();
      stream.write(Buffer.from('a'));
      expect(octets(client, 1)).toBe(1);
      stream.write(Buffer.from('b'));
      client.take(http2Frame(PING, { payload: Buffer.alloc(8) }));
      expect(octets(client, 1)).toBe(1);
      expect(client.sent.at(-1)?.type).toBe(PING);
      client.isFull = false;
      client.session.onDrain();
      expect(octets(client, 1)).toBe(2);
    });

    it('lets writers go on when their stream ends before they could send', () => {
      const client = FramedClient.ready();
      const { stream } = client.open();
      const sent: string[] = [];
      stream.write(Buffer.alloc(70_000), () => sent.push('left'));
      stream.close(8);
      expect(sent).toEqual(['left']);
      stream.write(Buffer.alloc(1), () => sent.push('after'));
      expect(sent).toEqual(['left', 'after']);
    });
  });

  it('keeps what came for a reader that pauses, in order, and tells the end after it', () => {
    const client = FramedClient.ready();
    const { stream, call } = client.open();
    stream.end(Buffer.from('x'));
    stream.pause();
    client.take(headersFrame(RESPONSE), data(1, 5), data(1, 6, 1));
    expect([call.text, stream.readableLength, stream.destroyed]).toEqual(['', 11, false]);
    stream.resume();
    expect([call.text.length, stream.destroyed]).toEqual([11, true]);
    expect(call.heard.slice(1)).toEqual(['close 0']);
  });

  it('keeps a whole answer although the server then resets the stream, as it may (RFC 9113, 8.1)', () => {
    const client = FramedClient.ready();
    const { stream, call } = client.open();
    stream.pause();
    client.take(...answerFrames('hello'), http2Frame(3, { stream: 1, payload: uint32(0) }));
    expect(stream.readableLength).toBe(10);
    stream.resume();
    expect(call.text.slice(5)).toBe('hello');
  });

  it('refuses what came after the last stream of GOAWAY, and lets the others end (RFC 9113, 6.8)', () => {
    const client = FramedClient.ready();
    const calls = [client.open(), client.open(), client.open()];
    for (const { stream } of calls) stream.end(Buffer.from('x'));
    client.take(http2Frame(GOAWAY, { payload: uint32(3, 0) }), ...answerFrames('late', 3));
    expect(calls.map(({ call }) => call.heard.at(-1))).toEqual([
      undefined,
      'trailers grpc-status 0 after 9',
      'close 7',
    ]);
    expect(client.told.at(-1)).toBe('goaway 0 ');
    client.take(...answerFrames('later', 1));
    expect(calls[0]?.call.text).toContain('later');
  });

  it('takes no more streams when their numbers are used up (RFC 9113, 5.1.1)', () => {
    const client = FramedClient.ready(5);
    client.open();
    client.open();
    expect(client.told).toEqual(['ready Infinity']);
    client.open();
    expect(client.told.at(-1)).toBe('goaway 0 all streams are used up');
  });

  it('says goodbye when it is closed and the last stream has ended', async () => {
    const client = FramedClient.ready();
    const { stream } = client.open();
    stream.end(Buffer.from('x'));
    client.session.close();
    expect(client.session.isOpen).toBe(false);
    await new Promise(setImmediate);
    expect(client.told).not.toContain('end');
    client.take(...answerFrames('bye'));
    await new Promise(setImmediate);
    expect(client.told.slice(-2)).toEqual(['end', 'closed undefined']);
    expect(client.sent.at(-1)?.type).toBe(GOAWAY);
  });

  it('tells a ping that was answered, and at its end one that was not', () => {
    const client = FramedClient.ready();
    const told: boolean[] = [];
    client.session.ping((isAlive) => told.push(isAlive));
    const ping = client.sent.at(-1);
    client.take(http2Frame(PING, { flags: 1, payload: Buffer.alloc(8, 7) }));
    expect(told).toEqual([]);
    client.take(http2Frame(PING, { flags: 1, payload: ping?.payload ?? Buffer.alloc(8) }));
    expect(told).toEqual([true]);
    client.session.ping((isAlive) => told.push(isAlive));
    client.session.onLost('gone');
    expect(told).toEqual([true, false]);
    client.session.ping((isAlive) => told.push(isAlive));
    expect(told).toEqual([true, false, false]);
  });

  it('reads on after a listener has thrown, and throws that for all to see', () => {
    const client = FramedClient.ready();
    const [bad, good] = [client.open(), client.open()];
    bad.call.onTrailers = () => {
      throw new Error('of the listener');
    };
    const thrown: unknown[] = [];
    jest.spyOn(process, 'nextTick').mockImplementation((work, ...parts) => {
      try {
        work(...parts);
      } catch (error) {
        thrown.push(error);
      }
    });
    client.take(...answerFrames('a', 1), ...answerFrames('b', 3));
    expect(good.call.heard.at(-1)).toBe('trailers grpc-status 0 after 6');
    jest.restoreAllMocks();
    expect(thrown).toEqual([new Error('of the listener')]);
  });

  it('takes trailers alone as an answer', () => {
    const client = FramedClient.ready();
    const { stream, call } = client.open();
    stream.end(Buffer.from('x'));
    client.take(headersFrame(Buffer.concat([RESPONSE, TRAILERS]), { isLast: true }));
    expect(call.heard).toEqual(['headers :status 200 content-type application/grpc grpc-status 0 last']);
    expect(stream.destroyed).toBe(true);
  });
});
