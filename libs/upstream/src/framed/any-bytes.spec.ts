import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { FramedClient } from '../../test/framed-client.js';
import {
  CONTINUATION,
  DATA,
  GOAWAY,
  http2Frame,
  PING,
  RST_STREAM,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from '../../test/http2-frames.js';
import { headersFrame, RESPONSE, TRAILERS } from '../../test/raw-peer.js';
import { frameOf } from '../../test/raw-server.js';

// FRAME_RUNS=100 npm run test:unit -- any-bytes tries a hundred times as many; fast-check prints the seed of what fails.
const LONGER = Number(process.env.FRAME_RUNS ?? 1);
const CALLS = 3;
const streams = fc.integer({ min: 1, max: CALLS }).map((nth) => 2 * nth - 1);
const [END_HEADERS, PADDED] = [4, 8];

/** Frames of one answer, in their order; of several they come mixed. */
const answer = fc
  .record({ stream: streams, sizes: fc.array(fc.nat(20_000), { maxLength: 4 }), padding: fc.nat(40), cut: fc.nat(18) })
  .map(({ stream, sizes, padding, cut }) => {
    const body = Buffer.concat([Buffer.alloc(0), ...sizes.map((size) => frameOf('x'.repeat(size)))]);
    const parts = Array.from({ length: Math.ceil(body.length / 16_000) }, (_, index) =>
      body.subarray(index * 16_000, (index + 1) * 16_000),
    );
    return [
      headersFrame(RESPONSE.subarray(0, cut), { stream, hasMore: true }),
      http2Frame(CONTINUATION, { stream, flags: END_HEADERS, payload: RESPONSE.subarray(cut) }),
      ...parts.map((part) =>
        http2Frame(DATA, {
          stream,
          flags: PADDED,
          payload: Buffer.concat([Buffer.from([padding]), part, Buffer.alloc(padding)]),
        }),
      ),
      headersFrame(TRAILERS, { stream, isLast: true }),
    ];
  });

const chatter = fc.oneof(
  fc.nat(2 ** 20).map((by) => [http2Frame(WINDOW_UPDATE, { payload: uint32(by + 1) })]),
  fc
    .tuple(streams, fc.nat(2 ** 20))
    .map(([stream, by]) => [http2Frame(WINDOW_UPDATE, { stream, payload: uint32(by + 1) })]),
  fc
    .nat(2 ** 17)
    .map((size) => [http2Frame(SETTINGS, { payload: Buffer.concat([Buffer.from([0, 4]), uint32(size)]) })]),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => [http2Frame(PING, { payload: Buffer.from(bytes) })]),
  streams.map((stream) => [http2Frame(RST_STREAM, { stream, payload: uint32(8) })]),
  fc.integer({ min: 1, max: 9 }).map((last) => [http2Frame(GOAWAY, { payload: uint32(last, 0) })]),
);

const conversation = fc
  .array(fc.oneof(answer, chatter), { maxLength: 12 })
  .map((parts) => Buffer.concat([http2Frame(SETTINGS), ...parts.flat()]));

/** What a client makes of bytes that come in these pieces. */
function outcome(pieces: readonly Buffer[]) {
  const client = new FramedClient();
  // As a socket does it: the memory is used again.
  const memory = Buffer.alloc(64 * 1024);
  const feed = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += memory.length) {
      const copied = bytes.copy(memory, 0, at, at + memory.length);
      client.session.onBytes(memory.subarray(0, copied));
      memory.fill(0xaa);
    }
  };
  // One of them has more to send than windows let out.
  for (let nth = 0; nth < CALLS; nth++) client.open().stream.end(Buffer.alloc(nth === 0 ? 70_000 : 100, nth));
  for (const piece of pieces) feed(piece);
  const sent = client.sent.map(({ type, flags, stream, payload }) => [
    type,
    flags,
    stream,
    createHash('md5').update(payload).digest('hex'),
  ]);
  return { client, told: client.told, heard: client.calls.map(({ heard, text }) => [heard, text]), sent };
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('bytes of a server', () => {
  it(
    'mean the same in whatever pieces they come',
    () => {
      fc.assert(
        fc.property(conversation, fc.array(fc.nat(), { maxLength: 30 }), (bytes, cuts) => {
          const { client: _, ...whole } = outcome([bytes]);
          const { client: __, ...pieces } = outcome(cutAt(bytes, cuts));
          expect(pieces).toEqual(whole);
        }),
        { numRuns: 50 * LONGER },
      );
    },
    60_000 * LONGER,
  );

  it(
    'mean the same one by one',
    () => {
      fc.assert(
        fc.property(
          conversation.filter(({ length }) => length < 5_000),
          (bytes) => {
            const { client: _, ...whole } = outcome([bytes]);
            const { client: __, ...pieces } = outcome(Array.from(bytes, (octet) => Buffer.from([octet])));
            expect(pieces).toEqual(whole);
          },
        ),
        { numRuns: 10 * LONGER },
      );
    },
    60_000 * LONGER,
  );

  const frame = fc
    .record({
      type: fc.oneof({ weight: 9, arbitrary: fc.nat(9) }, fc.nat(255)),
      flags: fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 9, 12, 13, 0x20, 0x24, 0x2d), fc.nat(255)),
      stream: fc.oneof({ weight: 9, arbitrary: fc.nat(7) }, fc.nat(2 ** 31 - 1)),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(17_000).map((size) => new Uint8Array(size)),
      ),
    })
    .map(({ type, payload, ...parts }) => http2Frame(type, { ...parts, payload: Buffer.from(payload) }));
  const frames = fc.array(frame, { maxLength: 40 }).map((all) => Buffer.concat([http2Frame(SETTINGS), ...all]));
  const mutated = fc
    .tuple(conversation, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }))
    .map(([bytes, changes]) => {
      const copy = Buffer.from(bytes);
      for (const [at, octet] of changes) copy[at % copy.length] = octet;
      return copy;
    });

  it.each([
    ['of random frames', frames, 200 * LONGER],
    ['of a conversation with a few others in it', mutated, 100 * LONGER],
    ['of any kind', fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), 100 * LONGER],
  ])(
    '%s end calls or let them wait, throw nothing, and hold no more than windows',
    (_, arbitrary, numRuns) => {
      fc.assert(
        fc.property(arbitrary, (bytes) => {
          const { client } = outcome([bytes]);
          const { session, calls } = client;
          const running = session.streams.size;
          if (session.isDestroyed) expect(running).toBe(0);
          for (const { readableLength } of session.streams.values())
            expect(readableLength).toBeLessThanOrEqual(256 * 1024);
          // Its own data, and for each frame that came one in answer at most.
          expect(client.written.length).toBeLessThan(80_000 + 2 * bytes.length);
          session.destroy();
          for (const { heard } of calls) expect(heard.join()).toMatch(/close \d+$|trailers [^,]*$|last$/);
        }),
        { numRuns },
      );
    },
    120_000 * LONGER,
  );
});
