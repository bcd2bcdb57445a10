import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { testFolder, until } from '#libs/testing';
import { EventReader } from '../../test/event-reader.js';
import { listenOnFreePort } from '../../test/free-port.js';
import { LibraryGateway } from '../../test/library-gateway.js';
import { AUDIENCE, ISSUER, TestIssuer } from '../../test/test-issuer.js';
import { compileLibrary, TestLibrary } from '../../test/test-library.js';

const CLOSED = { policies: { 'library.v1.Library.GetBook': { authenticated: true } } };
const OPEN = { defaultPolicy: { public: true }, allowPublicDefault: true };

describe('a foreign API', () => {
  let folder: string;
  let issuer: TestIssuer;
  let gateway: LibraryGateway;
  const libraries: TestLibrary[] = [];
  beforeAll(async () => {
    [folder, issuer] = [await testFolder(), await TestIssuer.start()];
    cpSync(compileLibrary(folder), join(folder, 'compiled.binpb'));
  });
  beforeEach(() => {
    cpSync(join(folder, 'compiled.binpb'), join(folder, 'library.binpb'));
    gateway = new LibraryGateway(folder);
  });
  afterEach(async () => {
    await gateway.close();
    for (const library of libraries.splice(0)) library.close();
  });
  afterAll(() => issuer?.close());

  const library = async (options: Parameters<typeof TestLibrary.start>[1] = {}) => {
    const started = await TestLibrary.start(join(folder, 'library.binpb'), options);
    libraries.push(started);
    return started;
  };

  /** A configuration in JSON, which YAML is a superset of. */
  const config = (api: object, more: object = {}) =>
    JSON.stringify(
      {
        apis: [{ name: 'library', descriptors: 'library.binpb', ...OPEN, ...api }],
        issuers: [{ issuer: ISSUER, audience: AUDIENCE, jwks: issuer.jwksUrl.href }],
        outgoing: { allow: ['127.0.0.1'], allowLocal: true },
        ...more,
      },
      null,
      2,
    );
  const at = (address: string, more: object = {}) => ({ upstreams: { 'library.v1.Library': { address, ...more } } });
  const title = async (path = '/v1/books/dune') =>
    ((await (await gateway.fetch(path)).json()) as { title: string }).title;

  describe('is served', () => {
    it('without a database, its callers proved by tokens whose keys the internal listener publishes', async () => {
      const { address, authorizations } = await library();
      await gateway.start(config({ ...CLOSED, ...at(address) }));
      expect((await gateway.fetch('/v1/books/dune')).status).toBe(401);
      expect(await (await gateway.fetch('/v1/books/dune', await issuer.token({ sub: 'ada' }))).json()).toEqual({
        name: 'dune',
        title: 'Dune',
      });
      const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', gateway.running.opsUrl));
      const token = authorizations[0]?.replace('Bearer ', '') ?? '';
      const { payload } = await jwtVerify(token, keys, { audience: 'library', typ: 'principal+jwt' });
      expect(payload.sub).toBe('ada');
      expect((await gateway.ready()).checks).not.toHaveProperty('database');
    });

    it('with the credentials that its upstream is to get', async () => {
      const { address, authorizations } = await library();
      await gateway.start(config({ ...CLOSED, ...at(address, { credentials: 'none' }) }));
      const token = await issuer.token();
      await gateway.fetch('/v1/books/dune', token);
      expect(await gateway.reload(config({ ...CLOSED, ...at(address, { credentials: 'forward' }) }))).toBe(true);
      await gateway.fetch('/v1/books/dune', token);
      expect(authorizations).toEqual([undefined, `Bearer ${token}`]);
    });

    it.each(['v1', 'v1alpha'] as const)(
      'from what its server tells by reflection %s, http rules included',
      async (reflection) => {
        const { address } = await library({ reflection });
        await gateway.start(config({ descriptors: undefined, reflection: {}, ...at(address) }));
        expect(await title()).toBe('Dune');
      },
    );

    it('from keys in a file, which may change', async () => {
      const { address } = await library();
      const keys = await (await fetch(issuer.jwksUrl)).text();
      writeFileSync(join(folder, 'keys.json'), '{"keys":[]}');
      const issuers = [{ issuer: ISSUER, audience: AUDIENCE, jwks: 'keys.json' }];
      await gateway.start(config({ ...CLOSED, ...at(address) }, { issuers }));
      const token = await issuer.token();
      expect((await gateway.fetch('/v1/books/dune', token)).status).toBe(401);
      writeFileSync(join(folder, 'keys.json'), keys);
      const accepted = async () => (await gateway.fetch('/v1/books/dune', token)).status === 200;
      await until(accepted, { what: 'the new keys', timeout: 20_000 });
    });
  });

  describe('changes while it is served', () => {
    it('without a dropped request, in both directions under load', async () => {
      const [one, two] = [await library({ title: 'One' }), await library({ title: 'Two' })];
      await gateway.start(config(at(one.address)));
      let isOver = false;
      const seen = new Map<string, number>();
      const client = async () => {
        while (!isOver) {
          const answer = `${(await gateway.fetch('/v1/books/dune')).status}`;
          seen.set(answer, (seen.get(answer) ?? 0) + 1);
        }
      };
      const clients = Array.from({ length: 8 }, client);
      for (let i = 0; i < 20; i++) {
        const [library, other] = i % 2 === 0 ? [two, 'Two'] : [one, 'One'];
        expect(await gateway.reload(config(at(library.address)))).toBe(true);
        expect(await title()).toBe(other);
      }
      isOver = true;
      await Promise.all(clients);
      expect([...seen.keys()]).toEqual(['200']);
      const { channels } = gateway.running.deployments;
      await until(() => channels.addresses.length === 1, { what: 'the channels of the other one to close' });
      expect(channels.addresses).toEqual([one.address]);
    }, 60_000);

    it('under open streams, whose channel stays as long as they do', async () => {
      const [one, two] = [await library({ title: 'One' }), await library({ title: 'Two' })];
      await gateway.start(config(at(one.address)));
      const { channels } = gateway.running.deployments;
      const stream = new EventReader(await gateway.fetch('/v1/books/dune:watch'));
      await stream.until('One');
      expect(await gateway.reload(config({ prefix: '/new', ...at(two.address) }))).toBe(true);
      expect((await gateway.fetch('/v1/books/dune')).status).toBe(404);
      expect(await title('/new/v1/books/dune')).toBe('Two');
      for (const reader of one.readers) reader.write({ title: 'still One' });
      await stream.until('still One');
      expect(channels.addresses.sort()).toEqual([one.address, two.address].sort());
      await stream.cancel();
      await until(() => channels.addresses.length === 1, { what: 'the old channel to close' });
    });

    it('by the file and its descriptors, without being asked', async () => {
      const { address } = await library();
      await gateway.start(config(at(address)));
      compileLibrary(folder, (proto) => proto.replace('get: "/v1/books/{name}"', 'get: "/v2/books/{name}"'));
      const moved = async () => (await gateway.fetch('/v2/books/dune')).status === 200;
      await until(moved, { what: 'the new descriptors', timeout: 20_000 });
      compileLibrary(folder);
      gateway.write(config({ prefix: '/shop', ...at(address) }));
      const prefixed = async () => (await gateway.fetch('/shop/v1/books/dune')).status === 200;
      await until(prefixed, { what: 'the new configuration', timeout: 20_000 });
    }, 60_000);

    it('with its throttle buckets as full as they were', async () => {
      const { address } = await library();
      const throttle = [{ rate: 0.001, burst: 2, per: ['ROUTE'] }];
      const api = { ...at(address), defaultPolicy: { public: true, throttle } };
      await gateway.start(config(api));
      expect((await gateway.fetch('/v1/books/dune')).status).toBe(200);
      expect(await gateway.reload(config({ ...api, prefix: '/shop' }))).toBe(true);
      expect((await gateway.fetch('/shop/v1/books/dune')).status).toBe(200);
      expect((await gateway.fetch('/shop/v1/books/dune')).status).toBe(429);
    });
  });

  describe('is refused', () => {
    const refusals = () => gateway.lines.filter(({ msg }) => String(msg).startsWith('configuration refused'));

    it('by line and column, and the one before stays, until a good one comes', async () => {
      const { address } = await library();
      await gateway.start(config(at(address)));
      expect(await gateway.reload(config({ ...at(address), prefix: 'shop' }))).toBe(false);
      expect(refusals()[0]?.problems).toEqual([
        expect.stringMatching(/gateway\.yaml:\d+:7 apis\[0\]\.prefix: is no path/),
      ]);
      const { status, notes } = await gateway.ready();
      expect([status, notes?.configuration]).toEqual(['ready', expect.stringContaining('apis[0].prefix: is no path')]);
      expect(await title()).toBe('Dune');
      expect(await gateway.reload(config({ ...at(address), prefix: '/shop' }))).toBe(true);
      expect((await gateway.ready()).notes).toBeUndefined();
    });

    it('for a descriptor, by the line of the proto', async () => {
      const { address } = await library();
      await gateway.start(config(at(address)));
      compileLibrary(folder, (proto) => proto.replace('{name}:watch', '{nam}:watch'));
      await until(() => refusals().length > 0, { what: 'the refusal', timeout: 20_000 });
      const place = /library\.proto:12:3 library\.v1\.Library\.WatchBook: google\.api\.http: .*"nam"/;
      expect(refusals()[0]?.problems).toEqual([expect.stringMatching(place)]);
      compileLibrary(folder);
      expect(await title()).toBe('Dune');
    });

    it('for a route at the path of an endpoint of the gateway, which would hide it, by both', async () => {
      const { address } = await library();
      const moveWatchTo = (path: string) =>
        compileLibrary(folder, (proto) => proto.replace('/v1/books/{name}:watch', path));
      const hidden = (path: string) =>
        new RegExp(`library\\.proto:12:3 library\\.v1\\.Library\\.WatchBook is at ${path}, where the gateway has`);
      moveWatchTo('/readyz');
      await expect(gateway.start(config(at(address)))).rejects.toThrow(hidden('/readyz'));
      moveWatchTo('/docs');
      await expect(gateway.start(config(at(address), { reference: { public: true } }))).rejects.toThrow(
        hidden('/docs'),
      );
      await gateway.start(config(at(address), { reference: { public: false } }));
      const watched = await gateway.fetch('/docs?name=dune');
      expect(watched.status).toBe(200);
      await watched.body?.cancel();
    });

    it('where it changes what the process is built on', async () => {
      const { address } = await library();
      await gateway.start(config(at(address)));
      expect(await gateway.reload(config(at(address), { listen: { http: '127.0.0.1:1' } }))).toBe(false);
      expect(refusals()[0]?.problems).toEqual([
        expect.stringContaining('listen: cannot change while the gateway runs'),
      ]);
    });

    it('at the start, with all that is wrong', async () => {
      const start = gateway.start(
        config({ ...CLOSED, ...at('127.0.0.1:1') }, { issuers: [], outgoing: { allow: [] } }),
      );
      await expect(start).rejects.toThrow(
        /upstreams\["library\.v1\.Library"\]: 127\.0\.0\.1 is not in outgoing\.allow/,
      );
    });

    it.each([
      [{ issuers: [] }, CLOSED, /issuers: is empty: nobody could call library\.v1\.Library\.GetBook/],
      [{}, { defaultPolicy: { authenticated: true, idempotency: {} } }, /idempotency is for unary RPCs/],
      [
        {},
        { policies: { 'library.v1.Library.GetBook': { authenticated: true, idempotency: {} } } },
        /databaseUrl: is missing/,
      ],
      [{}, { allowPublicDefault: false }, /defaultPolicy\.public: would open every RPC/],
      [{ outgoing: { allow: ['127.0.0.1'] } }, {}, /127\.0\.0\.1 is a loopback or link-local address/],
      [
        { outgoing: { allow: ['localhost', '10.0.0.0/8'], allowLocal: true } },
        {},
        /127\.0\.0\.1 is not in outgoing\.allow/,
      ],
      [{}, { descriptors: undefined, reflection: {} }, /the server offers no reflection/],
    ])('%j %j', async (more, api, problem) => {
      const { address } = await library();
      await expect(gateway.start(config({ ...at(address), ...api }, more))).rejects.toThrow(problem);
    });
  });

  it('is not reached by keys behind a redirect, nor where DNS leads to this machine', async () => {
    const { address } = await library();
    let asked = 0;
    const redirecting = createServer((request, response) => {
      asked++;
      if (request.url === '/keys') response.writeHead(302, { location: issuer.jwksUrl.href }).end();
    });
    const port = await listenOnFreePort(redirecting);
    const issuers = [{ issuer: ISSUER, audience: AUDIENCE, jwks: `http://127.0.0.1:${port}/keys` }];
    await gateway.start(config({ ...CLOSED, ...at(address) }, { issuers }));
    expect((await gateway.fetch('/v1/books/dune', await issuer.token())).status).toBe(503);
    expect(asked).toBeGreaterThan(0);
    redirecting.close();
    const named = config(at(address.replace('127.0.0.1', 'localhost')), {
      issuers: [],
      outgoing: { allow: ['localhost'] },
    });
    expect(await gateway.reload(named)).toBe(false);
  });
});
