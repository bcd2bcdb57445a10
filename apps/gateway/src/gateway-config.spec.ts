import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGatewayConfig } from './gateway-config.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-config-'));
const path = join(folder, 'gateway.yaml');
beforeAll(() => writeFileSync(join(folder, 'toy.binpb'), ''));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (yaml: string, env: Record<string, string> = {}) => {
  writeFileSync(path, yaml);
  return readGatewayConfig(path, env);
};

/** The lines of a refusal, without the file's name. */
function refusals(yaml: string, env: Record<string, string> = {}): string[] {
  try {
    read(yaml, env);
  } catch (error) {
    const [first, ...lines] = String(error instanceof Error ? error.message : error).split('\n');
    expect(first).toBe(`${path} is refused:`);
    return lines.map((line) => line.trim().replace(`${path}:`, ''));
  }
  return [];
}

const api = 'apis: [{ name: toy, descriptors: toy.binpb, upstreams: { toy.Books: books:1 } }]';
const least = `${api}\noutgoing: { allow: [books] }`;

describe('the configuration of the gateway', () => {
  it('takes addresses from the environment, files from its own folder, and has defaults for the rest', () => {
    const yaml = `
apis: [{ name: toy, descriptors: toy.binpb, upstreams: { toy.Books: "$\{BOOKS}" } }]
outgoing: { allow: "$\{ALLOWED:-books, 10.0.0.0/8}" }
redisUrl: $\{REDIS_URL:-}
`;
    expect(read(yaml, { BOOKS: 'dns:///books:1' })).toMatchObject({
      apis: [
        {
          name: 'toy',
          descriptors: join(folder, 'toy.binpb'),
          prefix: '',
          json: { unpopulated: 'without-presence', names: 'json', enums: 'names' },
          dialect: 'strict',
          allowPublicDefault: false,
          policies: {},
          ignore: [],
          channel: 'framed',
          upstreams: { 'toy.Books': { address: 'books:1', credentials: 'principal-token' } },
        },
      ],
      listen: { http: { host: '127.0.0.1', port: 8080 }, ops: { host: '127.0.0.1', port: 9100 } },
      issuers: [],
      codec: 'compiled',
      outgoing: { allow: ['books', '10.0.0.0/8'], allowLocal: false },
      corsOrigins: [],
      trustedProxies: [],
      limits: { bodyBytes: 10_485_760, headerBytes: 10_240, headersSeconds: 10, requestSeconds: 60 },
      streams: { heartbeatSeconds: 15 },
      reference: { public: false, title: 'API', version: '1' },
      forwardHeaders: [],
    });
  });

  it('takes variables from files too', () => {
    const yaml = `${least}\ndatabaseUrl: $\{DATABASE_URL}`;
    const file = join(folder, 'database-url');
    writeFileSync(file, 'postgres://gateway:hunter2@db/store\n');
    expect(read(yaml, { DATABASE_URL_FILE: file })).toMatchObject({
      databaseUrl: 'postgres://gateway:hunter2@db/store',
    });
    expect(refusals(yaml, { DATABASE_URL_FILE: file, DATABASE_URL: 'x' })).toEqual([
      '3:14 DATABASE_URL and DATABASE_URL_FILE are both set; keep one of them',
    ]);
    expect(refusals(yaml, { DATABASE_URL_FILE: `${file}-gone` })).toEqual([
      `3:14 DATABASE_URL_FILE names a file that cannot be read: ${file}-gone (ENOENT)`,
    ]);
  });

  it('reads switches and numbers from variables that stand alone', () => {
    const yaml = `${api}\noutgoing:\n  allow: [books]\n  allowLocal: $\{LOCAL}\nlimits:\n  bodyBytes: $\{BYTES:-5}\n`;
    expect(read(yaml, { LOCAL: 'true' })).toMatchObject({ outgoing: { allowLocal: true }, limits: { bodyBytes: 5 } });
  });

  it('tells everything that is wrong at once, each at its line and column', () => {
    const yaml = `apis:
  - name: Toy
    descriptors: toy.binpb
    prefix: shop/
    colour: red
    upstreams:
      toy.Books: $\{BOOKS}
      toy.Films: { address: films, credentials: password }
issuers:
  - issuer: https://id.example
    audience: toy
    jwks: keys.json
    algorithms: [HS256]
`;
    expect(refusals(yaml)).toEqual([
      expect.stringMatching(/^7:18 the environment variable BOOKS is not set/),
      expect.stringMatching(/^2:5 apis\[0\]\.name: /),
      expect.stringMatching(/^4:5 apis\[0\]\.prefix: is no path/),
      '8:20 apis[0].upstreams["toy.Films"].address: is not host:port, nor a list of such separated by commas',
      expect.stringMatching(/^8:36 apis\[0\]\.upstreams\["toy\.Films"\]\.credentials: /),
      '5:5 apis[0].colour: is not known here',
      expect.stringMatching(/^13:18 issuers\[0\]\.algorithms\[0\]: /),
      '1:1 outgoing: is missing',
    ]);
  });

  it.each([
    ['apis: [', /^1:\d+ /],
    ['a: 1\na: 2', /^2:1 Map keys must be unique/],
    ['apis: []\noutgoing: { allow: [] }', /^1:1 apis: /],
    [
      least.replace('name: toy', 'name: toy, dialect: googel'),
      /dialect: Invalid option: expected one of "strict"\|"google"\|"grpc-gateway"/,
    ],
    [least.replace('name: toy', 'name: toy, json: { unpopulated: no }'), /^1:\d+ apis\[0\]\.json\.unpopulated: /],
    [`${least}\ncodec: fast`, /^3:1 codec: /],
    [least.replace('descriptors: toy.binpb, ', ''), /^1:8 apis\[0\]: needs either "descriptors"/],
    [
      least.replace('books:1', '{ address: "books:1", channel: grpc-js, balancing: least-loaded }'),
      /balancing: is for the channels http2 and framed: leave it out, or set "channel" to one of them$/,
    ],
    [
      least.replace(
        'upstreams: { toy.Books: books:1',
        'channel: grpc-js, upstreams: { toy.Books: { address: "books:1", sessions: 2 }',
      ),
      /sessions: is for the channels http2 and framed/,
    ],
    [least.replace('toy.binpb,', 'toy.binpb, channel: quic,'), /apis\[0\]\.channel: /],
    [least.replace('books:1', 'books'), /^1:58 apis\[0\]\.upstreams\["toy\.Books"\]: is not host:port/],
    [least.replace('toy.binpb', 'toys.binpb'), /descriptors: .*toys\.binpb does not exist/],
    [least.replace('[books]', '["bad host"]'), /^2:13 outgoing\.allow: has an entry/],
    [`${least}\nlimit: {}`, /^3:1 limit: is not known here/],
    [`${least}\nforwardHeaders: [Authorization]`, /^3:18 forwardHeaders\[0\]: must be a header name in lower case/],
    [`${least}\nforwardHeaders: [authorization]`, /forwardHeaders\[0\]: is reserved/],
    [`${least}\nforwardHeaders: [grpc-timeout]`, /forwardHeaders\[0\]: is reserved/],
    [`${least}\nforwardHeaders: [x-forwarded-for]`, /forwardHeaders\[0\]: is reserved/],
    [`${least}\ntrustedProxies: 10.0.0.0/33`, /^3:1 trustedProxies: has an entry that is no IP address/],
    [`${least}\ntrustedProxies: [proxy.example]`, /trustedProxies: has an entry/],
    [`${least}\ncorsOrigins: https://shop.example/`, /corsOrigins: has an entry that is no origin/],
    [`${least}\ncorsOrigins: shop.example`, /corsOrigins: has an entry that is no origin/],
    [`${least}\nredisUrl: http://127.0.0.1:6379`, /redisUrl: is not a redis/],
  ])('is refused with its place: %s', (yaml, problem) => {
    expect(refusals(yaml)[0]).toMatch(problem);
  });

  it.each([
    'trustedProxies: 10.0.0.0/8,fd00::/8, 192.0.2.1',
    'corsOrigins: https://shop.example,http://127.0.0.1:3000',
    'corsOrigins: ["*"]',
    'redisUrl: redis://127.0.0.1:6379',
  ])('may say %s', (line) => {
    expect(refusals(`${least}\n${line}`)).toEqual([]);
  });

  it('never prints what a variable holds', () => {
    expect(refusals(`${least}\ndatabaseUrl: $\{DATABASE_URL}`, { DATABASE_URL: 'mysql://a:hunter2@b/c' })).toEqual([
      '3:1 databaseUrl: is not a postgres:// URL',
    ]);
  });

  it('keeps the users of two issuers apart', () => {
    writeFileSync(join(folder, 'keys.json'), '{"keys":[]}');
    const issuer = (name: string, prefix: string) =>
      `  - { issuer: ${name}, audience: a, jwks: keys.json, subjectPrefix: "${prefix}" }\n`;
    const of = (...all: string[]) => refusals(`${least}\nissuers:\n${all.join('')}`);
    expect(of(issuer('a', ''), issuer('b', 'b:'))).toEqual([]);
    expect(of(issuer('a', ''), issuer('b', ''))).toEqual([
      expect.stringMatching(/^5:\d+ issuers\[1\]\.subjectPrefix: /),
    ]);
    expect(of(issuer('a', ''), issuer('a', 'b:'))).toEqual(['5:7 issuers[1].issuer: is named twice']);
    expect(of(issuer('a', 'service:'))).toHaveLength(1);
  });
});
