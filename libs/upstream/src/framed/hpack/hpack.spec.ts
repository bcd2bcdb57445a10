import { Outbox } from '../outbox.js';
import { ConnectionError } from '../protocol.js';
import { HpackDecoder } from './decoder.js';
import { HpackEncoder } from './encoder.js';
import { ReceivedHeaders } from './received-headers.js';

const octets = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');

function readWith(decoder: HpackDecoder, hex: string): string[] | undefined {
  const bytes = octets(hex);
  return decoder.read(bytes, 0, bytes.length)?.map(({ name, value }) => `${name}: ${value}`);
}

const GET = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const GET_FRESH = [...GET, 'cache-control: no-cache'];
const GET_CUSTOM = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];
const FIRST = 'Mon, 21 Oct 2013 20:13:21 GMT';
const COOKIE = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const FOUND = [':status: 302', 'cache-control: private', `date: ${FIRST}`, 'location: https://www.example.com'];
const SEE = [':status: 307', ...FOUND.slice(1)];
const OK = [
  ...[
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
  ],
  ...['content-encoding: gzip', `set-cookie: ${COOKIE}`],
];
/** The responses of appendix C are for a table of 256 octets: so says the beginning of the first (RFC 7541, 6.3). */
const TABLE_OF_256 = '3fe101';

/** RFC 7541, appendix C.2 to C.6: blocks that follow each other on one connection, and what they say. */
const VECTORS: readonly (readonly [
  appendix: string,
  ...blocks: (readonly [hex: string, headers: readonly string[]])[],
])[] = [
  ['C.2.1', ['400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', ['custom-key: custom-header']]],
  ['C.2.2', ['040c 2f73 616d 706c 652f 7061 7468', [':path: /sample/path']]],
  ['C.2.3', ['1008 7061 7373 776f 7264 0673 6563 7265 74', ['password: secret']]],
  ['C.2.4', ['82', [':method: GET']]],
  [
    'C.3',
    ['8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', GET],
    ['8286 84be 5808 6e6f 2d63 6163 6865', GET_FRESH],
    ['8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65', GET_CUSTOM],
  ],
  [
    'C.4',
    ['8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff', GET],
    ['8286 84be 5886 a8eb 1064 9cbf', GET_FRESH],
    ['8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf', GET_CUSTOM],
  ],
  [
    'C.5',
    [
      `${TABLE_OF_256} 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
      2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      FOUND,
    ],
    ['4803 3330 37c1 c0bf', SEE],
    [
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a
      6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d
      6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
      OK,
    ],
  ],
  [
    'C.6',
    [
      `${TABLE_OF_256} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
      2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      FOUND,
    ],
    ['4883 640e ffc1 c0bf', SEE],
    [
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d
      d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106
      3d50 07`,
      OK,
    ],
  ],
];

describe('a decoder of headers', () => {
  it.each(VECTORS.map(([appendix, ...blocks]) => ({ appendix, blocks })))(
    'reads RFC 7541, appendix $appendix',
    ({ blocks }) => {
      const decoder = new HpackDecoder();
      for (const [hex, headers] of blocks) expect(readWith(decoder, hex)).toEqual(headers);
    },
  );

  it('reads a Huffman code of 30 bits, the longest there is', () => {
    // A line feed (RFC 7541, appendix B); that no value may have it is found out later.
    expect(readWith(new HpackDecoder(), '0001 6184 ffff fff3')).toEqual(['a: \n']);
  });

  it('empties its table for an entry that is larger than it (RFC 7541, 4.4)', () => {
    const decoder = new HpackDecoder();
    readWith(decoder, '4001 6101 62');
    expect(readWith(decoder, 'be')).toEqual(['a: b']);
    readWith(decoder, `40 01 63 7fa11f ${'64'.repeat(4_128)}`);
    expect(() => readWith(decoder, 'be')).toThrow(ConnectionError);
  });

  it('evicts the oldest as soon as the table would be larger than it may be (RFC 7541, 4.4)', () => {
    const decoder = new HpackDecoder();
    // Two entries of 34 octets, in a table of 68, and then of 67.
    expect(readWith(decoder, '3f25 4001 6101 62 4001 6301 64 bf be')).toEqual(['a: b', 'c: d', 'a: b', 'c: d']);
    expect(readWith(decoder, '3f24 be')).toEqual(['c: d']);
    expect(() => readWith(decoder, 'bf')).toThrow('headers have the index 63, which there is not');
  });

  it('counts what it does not keep: more than 128 headers, or 64 KiB, are none, and the table is right all the same', () => {
    const decoder = new HpackDecoder();
    expect(readWith(decoder, '88'.repeat(128))).toHaveLength(128);
    expect(readWith(decoder, `${'88'.repeat(128)} 4001 6101 62`)).toBeUndefined();
    expect(readWith(decoder, 'be')).toEqual(['a: b']);
    // One entry of 4,000 octets, and seventeen references to it.
    expect(readWith(decoder, `40 01 63 7fa11e ${'64'.repeat(4_000)}${'be'.repeat(16)}`)).toBeUndefined();
    expect(readWith(decoder, 'be')).toHaveLength(1);
  });

  it('gives one object for blocks of indexes that mean the same, and another when they do not', () => {
    const headers = new ReceivedHeaders();
    const read = (hex: string) => headers.read(octets(hex), 0, octets(hex).length);
    read('40 0b 677270632d737461747573 01 30');
    const first = read('be');
    expect(first?.list).toEqual(['grpc-status', '0']);
    expect(read('be')).toBe(first);
    read('40 0b 677270632d737461747573 01 35');
    expect(read('be')?.list).toEqual(['grpc-status', '5']);
    expect(read('bf')?.list).toEqual(['grpc-status', '0']);
  });
});

describe('an encoder of headers', () => {
  /** Blocks as they are written, in hexadecimal. */
  function writing() {
    const out = new Outbox({ write: () => true, writableLength: 0 }, () => {});
    const encoder = new HpackEncoder(out);
    const write = (shared: readonly string[], own: readonly string[] = []): string => {
      const from = out.length;
      encoder.write(shared, own);
      return out.room(0).toString('hex', from, out.length);
    };
    return { encoder, write };
  }
  const pairs = (headers: readonly string[]) =>
    headers.flatMap((text) => [text.replace(/: .*/, ''), text.replace(/^.*?: /, '')]);

  it('writes RFC 7541, appendix C.3', () => {
    const { write } = writing();
    const blocks = VECTORS.find(([appendix]) => appendix === 'C.3')?.slice(1) as (readonly [string, string[]])[];
    for (const [hex, headers] of blocks) expect(write(pairs(headers))).toBe(hex.replaceAll(' ', ''));
  });

  it('writes what repeats as indexes: the second call of a path has four octets, and a time', () => {
    const { write } = writing();
    const shared = pairs([':method: POST', ':scheme: http', ':authority: a:1', ':path: /a.B/C', 'te: trailers']);
    write(shared, ['grpc-timeout', '100m']);
    expect(write(shared, ['grpc-timeout', '99m'])).toBe(`8386c1c0bf0f2f03${Buffer.from('99m').toString('hex')}`);
    expect(write(shared, ['grpc-timeout', '100m'])).toBe('8386c1c0bfbe');
  });

  it.each(['authorization', 'cookie', 'x-api-key', 'session-token'])(
    'never has %s indexed (RFC 7541, 7.1.3)',
    (name) => {
      const { write } = writing();
      const decoder = new HpackDecoder();
      for (let count = 0; count < 2; count++) {
        const block = write([], [name, 'secret']);
        expect(block).toMatch(/^1/);
        expect(readWith(decoder, block)).toEqual([`${name}: secret`]);
      }
    },
  );

  it('keeps to the table that the peer has, also when that changes, and never puts anything out of it', () => {
    const { encoder, write } = writing();
    const decoder = new HpackDecoder();
    const shared = Array.from({ length: 100 }, (_, index) =>
      pairs([':authority: a', `:path: /some.package.Service/Method${index}`]),
    );
    for (const size of [4_096, 100, 0, 4_096, 60, 1_000_000, 200]) {
      encoder.resize(size);
      for (const list of [...shared, ...shared]) {
        const own = ['x-some-name', String(size), 'grpc-timeout', '1S'];
        const [authority, path] = [list[1], list[3]];
        const expected = [`:authority: ${authority}`, `:path: ${path}`, `x-some-name: ${size}`, 'grpc-timeout: 1S'];
        expect(readWith(decoder, write(list, own))).toEqual(expected);
      }
    }
  });

  it('refuses what is no text of a header, with nothing written', () => {
    const { write } = writing();
    expect(() => write([':path', '/a\r\nb'])).toThrow('"/a\\r\\nb" is no header');
    expect(() => write([':path', '/✓'])).toThrow('is no header');
    expect(write([':method', 'POST'])).toBe('83');
  });
});
