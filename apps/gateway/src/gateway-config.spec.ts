import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayEnvironment } from './environment.js';
import { readGatewayConfig } from './gateway-config.js';

describe('gateway.yaml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (yaml: string, env: Record<string, string> = {}) => {
    const path = join(folder, 'gateway.yaml');
    writeFileSync(path, yaml);
    return readGatewayConfig(path, env);
  };
  const api = `apis: [{ name: toy, descriptors: toy.binpb, upstreams: { toy.Books: "$\{BOOKS}" } }]`;

  it('takes addresses from the environment and has defaults for the rest', () => {
    expect(read(api, { BOOKS: 'books:1' })).toEqual({
      apis: [
        {
          name: 'toy',
          descriptors: 'toy.binpb',
          prefix: '',
          dialect: 'strict',
          upstreams: { 'toy.Books': { address: 'books:1', audience: undefined } },
        },
      ],
      limits: { bodyBytes: 10_485_760, headerBytes: 10_240, headersSeconds: 10, requestSeconds: 60 },
      streams: { heartbeatSeconds: 15 },
      forwardHeaders: [],
    });
  });

  it.each([
    [api, 'the environment variable BOOKS is not set'],
    ['apis: []', 'apis: '],
    ['apis: [', 'cannot be read'],
    [api.replace('name: toy', 'name: Toy'), 'apis[0].name: '],
    [
      api.replace('name: toy', 'name: toy, dialect: google'),
      'apis[0].dialect: must be "strict": other dialects are not implemented yet',
    ],
    [api.replace('name: toy', 'name: toy, defaultAccess: public'), 'apis[0].defaultAccess: '],
    [api.replace('name: toy', 'name: toy, prefix: shop/'), 'apis[0].prefix: is no path'],
    [`${api}\nlimit: {}`, 'limit'],
    [`${api}\nforwardHeaders: [Authorization]`, 'forwardHeaders[0]: must be a header name in lower case'],
    [`${api}\nforwardHeaders: [authorization]`, 'forwardHeaders[0]: is reserved'],
    [`${api}\nforwardHeaders: [grpc-timeout]`, 'forwardHeaders[0]: is reserved'],
    [`${api}\nforwardHeaders: [x-forwarded-for]`, 'forwardHeaders[0]: is reserved'],
  ])('is refused with its place: %s', (yaml, problem) => {
    expect(() => read(yaml, yaml === api ? {} : { BOOKS: 'books:1' })).toThrow(problem);
  });
});

describe('the environment of the gateway', () => {
  const required = {
    HTTP_LISTEN: '127.0.0.1:8080',
    OPS_LISTEN: '127.0.0.1:9100',
    DATABASE_URL: 'postgres://gateway:x@127.0.0.1:5432/store',
    TOKEN_JWKS_URL: 'http://127.0.0.1:9101/.well-known/jwks.json',
  };

  it('trusts nobody and opens to no web page by default', () => {
    expect(gatewayEnvironment.parse(required)).toMatchObject({ TRUSTED_PROXIES: [], CORS_ORIGINS: [] });
  });

  it.each([
    ['TRUSTED_PROXIES', '10.0.0.0/8,fd00::/8, 192.0.2.1', true],
    ['TRUSTED_PROXIES', 'proxy.example', false],
    ['TRUSTED_PROXIES', '10.0.0.0/33', false],
    ['CORS_ORIGINS', 'https://shop.example,http://127.0.0.1:3000', true],
    ['CORS_ORIGINS', '*', true],
    ['CORS_ORIGINS', 'https://shop.example/', false],
    ['CORS_ORIGINS', 'shop.example', false],
    ['REDIS_URL', 'redis://127.0.0.1:6379', true],
    ['REDIS_URL', 'http://127.0.0.1:6379', false],
  ])('%s=%s: %p', (name, value, accepted) => {
    expect(gatewayEnvironment.safeParse({ ...required, [name]: value }).success).toBe(accepted);
  });
});
