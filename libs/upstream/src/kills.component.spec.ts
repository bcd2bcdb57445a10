import { Metadata, status } from '@grpc/grpc-js';
import { unaryCall } from '#libs/calls';
import { until } from '#libs/testing';
import { asIs } from '../test/calls.js';
import { EchoServer } from '../test/echo-server.js';
import { ALL, asServiceError, openClient } from '../test/open-client.js';

const KILLS = 20;
const DEADLINE_MS = 3_000;

describe.each(ALL)('an upstream over %s that is killed and comes back twenty times under load', (channel) => {
  it('fails no call that may be repeated, others as UNAVAILABLE or with what reset them, and none waits beyond its deadline', async () => {
    const start = () =>
      EchoServer.start({ unary: (call, answer) => void setTimeout(() => answer(null, call.request), 3) });
    const servers = [await start(), await start()];
    const client = openClient(channel, servers.map(({ address }) => address).join());
    const failures: Record<'repeated' | 'once', string[]> = { repeated: [], once: [] };
    let [answered, slowestMs, goesOn] = [0, 0, true];
    const send = async (kind: keyof typeof failures) => {
      const begun = Date.now();
      const call = { client, path: '/test.Echo/Unary', request: Buffer.alloc(8), serialize: asIs, deserialize: asIs };
      const limits = { attempts: kind === 'repeated' ? 3 : 1, deadline: begun + DEADLINE_MS };
      await unaryCall({ ...call, ...limits, metadata: new Metadata() }).then(
        () => answered++,
        (error) => failures[kind].push(status[asServiceError(error).code] ?? ''),
      );
      slowestMs = Math.max(slowestMs, Date.now() - begun);
    };
    const work = async (kind: keyof typeof failures) => {
      while (goesOn) await send(kind);
    };
    const workers = [
      ...Array.from({ length: 8 }, () => work('repeated')),
      ...Array.from({ length: 4 }, () => work('once')),
    ];
    const more = async (count: number) => {
      const before = answered;
      await until(() => answered > before + count, { what: 'answers', interval: 5 });
    };
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const server = servers[kill % 2];
        await more(100);
        server?.kill();
        await more(50);
        await server?.listen();
        const { seen = 0 } = server ?? {};
        await until(() => (server?.seen ?? 0) > seen, { what: 'it to be used again', interval: 5, timeout: 2_000 });
      }
    } finally {
      goesOn = false;
      await Promise.all(workers);
    }
    expect(failures.repeated).toEqual([]);
    for (const name of failures.once) expect(['UNAVAILABLE', 'CANCELLED', 'INTERNAL']).toContain(name);
    expect(slowestMs).toBeLessThan(DEADLINE_MS + 500);
  }, 120_000);
});
