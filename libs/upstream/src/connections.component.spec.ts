import { constants } from 'node:http2';
import type { Client } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { unary } from '../test/calls.js';
import { EchoServer } from '../test/echo-server.js';
import { GOAWAY, GRPC_HEADERS, http2Frame, uint32, whenCalled } from '../test/http2-frames.js';
import { ALL, nameOf, nameOfPorts, openClient } from '../test/open-client.js';
import { RawServer, respond, tcpServer } from '../test/raw-server.js';

/** A server that answers with its name. */
const named = (name: string, port = 0) =>
  EchoServer.start({ port, unary: (_, answer) => void setTimeout(() => answer(null, Buffer.from(name)), 5) });

const nameFrom = async (client: Client) => (await unary(client)).message.toString();

/** A connection to each of several servers. */
async function connected(client: Client, count: number): Promise<void> {
  const seen = new Set<string>();
  await until(async () => seen.add(await nameFrom(client)).size === count, { what: 'an answer of each' });
}

/** So many calls at the same time, and how many of each name answered. */
async function shares(client: Client, calls: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const names = await Promise.all(Array.from({ length: calls }, () => nameFrom(client)));
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

describe.each(ALL)('connections over %s', (channel) => {
  it('share calls among all servers of a list', async () => {
    const servers = [await named('a'), await named('b'), await named('c')];
    const client = openClient(channel, servers.map(({ address }) => address).join());
    await connected(client, 3);
    expect([...(await shares(client, 90)).values()]).toEqual([30, 30, 30]);
  });

  it('follow a name: a new server gets calls within seconds, one that is gone gets none', async () => {
    const [a, b] = [await named('a'), await named('b')];
    let ports = [a.port];
    const client = openClient(channel, '', { target: nameOfPorts(() => ports), authority: 'name:1' });
    expect(await nameFrom(client)).toBe('a');
    ports = [a.port, b.port];
    await until(async () => (await nameFrom(client)) === 'b', { what: 'the new one', timeout: 8_000 });
    ports = [b.port];
    await until(async () => !(await shares(client, 10)).has('a'), { what: 'the old one to be left', timeout: 8_000 });
  }, 30_000);

  it('are made again within a second after a server answers, however long it was away', async () => {
    const server = await named('a');
    const client = openClient(channel, server.address);
    await nameFrom(client);
    server.kill();
    const begun = Date.now();
    const fails = () =>
      nameFrom(client).then(
        () => false,
        () => Date.now() - begun > 3_000,
      );
    await until(fails, { what: 'pauses to grow long' });
    await server.listen();
    const back = Date.now();
    await until(
      () =>
        nameFrom(client).then(
          () => true,
          () => false,
        ),
      { what: 'an answer', interval: 5 },
    );
    expect(Date.now() - back).toBeLessThan(1_100);
  }, 30_000);

  it('that fail are told at once, while the next attempt is not due', async () => {
    const client = openClient(channel, '127.0.0.1:1');
    await expect(unary(client).catch(nameOf)).resolves.toBe('UNAVAILABLE');
    const begun = Date.now();
    for (let count = 0; count < 20; count++) await expect(unary(client).catch(nameOf)).resolves.toBe('UNAVAILABLE');
    expect(Date.now() - begun).toBeLessThan(500);
  });

  it('that a server wants to end (GOAWAY) let running calls end there, and new ones go elsewhere', async () => {
    const [slow, other] = [
      await EchoServer.start({ unary: (_, answer) => void setTimeout(() => answer(null, Buffer.from('slow')), 600) }),
      await named('other'),
    ];
    const client = openClient(channel, `${slow.address},${other.address}`);
    await connected(client, 2);
    const running = Array.from({ length: 10 }, () => nameFrom(client));
    await until(() => slow.seen >= 5, { what: 'calls to run' });
    const drained = slow.drain();
    const later = await Promise.all(Array.from({ length: 20 }, () => nameFrom(client).catch(nameOf)));
    // What was on its way when the server said so is refused before any handler.
    expect(later.filter((name) => name !== 'other' && name !== 'UNAVAILABLE')).toEqual([]);
    expect(new Set(await Promise.all(running))).toEqual(new Set(['slow', 'other']));
    await drained;
  });

  it('that end by GOAWAY refuse what came after, and let it be known that no handler saw it', async () => {
    const address = await tcpServer((socket) =>
      whenCalled(socket, () => {
        // Stream 1 is above the last that was looked at.
        socket.end(http2Frame(GOAWAY, { payload: uint32(0, 0) }));
      }),
    );
    const failed = unary(openClient(channel, address), '', { deadline: Date.now() + 3_000 });
    await expect(failed.catch((error) => `${nameOf(error)}`)).resolves.toBe('UNAVAILABLE');
  });

  it('that break in the middle of an answer fail its call as UNAVAILABLE', async () => {
    const address = await tcpServer((socket) => whenCalled(socket, () => socket.end(GRPC_HEADERS)));
    const failed = unary(openClient(channel, address), '', { deadline: Date.now() + 3_000 });
    await expect(failed.catch(nameOf)).resolves.toBe('UNAVAILABLE');
  });

  it('that nobody answers on are left: pings find out, and the next call goes elsewhere', async () => {
    let accepted = 0;
    const address = await tcpServer((socket) => {
      accepted += 1;
      whenCalled(socket, () => {});
    });
    const options = { 'grpc.keepalive_time_ms': 200, 'grpc.keepalive_timeout_ms': 200 };
    const client = openClient(channel, address, { options });
    const begun = Date.now();
    await expect(unary(client).catch(nameOf)).resolves.toBe('UNAVAILABLE');
    expect(Date.now() - begun).toBeLessThan(5_000);
    await until(() => accepted > 1, { what: 'another connection' });
  });

  it('are kept while a server answers pings, however little is called', async () => {
    const server = await RawServer.start((stream) => respond(stream, { chunks: [Buffer.alloc(5)] }));
    const options = { 'grpc.keepalive_time_ms': 50, 'grpc.keepalive_timeout_ms': 500 };
    const client = openClient(channel, server.address, { options });
    await unary(client);
    let pings = 0;
    for (const session of server.sessions) session.on('ping', () => pings++);
    await until(() => pings >= 10, { what: 'pings' });
    await unary(client);
    expect(server.sessions.size).toBe(1);
  });

  it('are asked half as often after a server says that it was too often', async () => {
    const server = await RawServer.start((stream) => respond(stream, { chunks: [Buffer.alloc(5)] }));
    const gaps: number[] = [];
    server.server.on('session', (session) => {
      const begun = Date.now();
      session.once('ping', () => {
        gaps.push(Date.now() - begun);
        session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
      });
    });
    const options = { 'grpc.keepalive_time_ms': 100, 'grpc.keepalive_timeout_ms': 500 };
    await unary(openClient(channel, server.address, { options }));
    await until(() => gaps.length >= 4, { what: 'four connections' });
    expect(gaps[3]).toBeGreaterThanOrEqual(790);
  });

  it('end with their channel; running calls are let go on', async () => {
    const server = await EchoServer.start({
      unary: (call, answer) => void setTimeout(() => answer(null, call.request), 200),
    });
    const client = openClient(channel, server.address);
    const running = unary(client, 'goes on');
    await until(() => server.seen === 1, { what: 'the call' });
    client.close();
    expect((await running).message.toString()).toBe('goes on');
    expect(() => unary(client)).toThrow('Channel has been shut down');
  });

  it('put a server aside whose every call fails, and come back to it', async () => {
    let isSick = true;
    const sick = await RawServer.start((stream) => {
      if (isSick) stream.respond({ ':status': 503, 'content-type': 'text/plain' }, { endStream: true });
      else respond(stream, { chunks: [Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from('s')])] });
    });
    const well = await named('well');
    const client = openClient(channel, `${sick.address},${well.address}`);
    const results = async (calls: number) =>
      Promise.all(Array.from({ length: calls }, () => nameFrom(client).catch(nameOf)));
    const ejected = async () => !(await results(20)).includes('UNAVAILABLE');
    await until(ejected, { what: 'it to be put aside', timeout: 15_000, interval: 100 });
    isSick = false;
    await until(async () => (await results(10)).includes('s'), {
      what: 'it to be used again',
      timeout: 20_000,
      interval: 100,
    });
    expect(await results(20)).not.toContain('UNAVAILABLE');
  }, 60_000);
});

describe.each(['http2', 'framed'] as const)('connections of our own, over %s,', (channel) => {
  it('give a call to the server with the fewest: a slow one gets less', async () => {
    const slow = await EchoServer.start({
      unary: (_, answer) => void setTimeout(() => answer(null, Buffer.from('slow')), 200),
    });
    const quick = await named('quick');
    const client = openClient(channel, `${slow.address},${quick.address}`);
    await connected(client, 2);
    const [slowBefore, quickBefore] = [slow.seen, quick.seen];
    const work = async () => {
      for (let count = 0; count < 20; count++) await nameFrom(client);
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(quick.seen - quickBefore).toBeGreaterThan(2 * (slow.seen - slowBefore));
  });

  it('give each its turn where that is wanted', async () => {
    const servers = [await named('a'), await named('b')];
    const client = openClient(channel, servers.map(({ address }) => address).join(), { balancing: 'round-robin' });
    await connected(client, 2);
    const names: string[] = [];
    for (let count = 0; count < 6; count++) names.push(await nameFrom(client));
    expect(names.join('')).toMatch(/^(ababab|bababa)$/);
  });

  it('become more where a server takes few calls on each, and calls wait for nobody', async () => {
    const server = await RawServer.start(() => {}, { maxConcurrentStreams: 2 });
    const client = openClient(channel, server.address);
    const waiting = Array.from({ length: 10 }, () => unary(client, '', { deadline: Date.now() + 4_000 }).catch(nameOf));
    await until(() => server.seen === 10, { what: 'all calls to be there', timeout: 3_000 });
    expect(server.sessions.size).toBe(5);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['DEADLINE_EXCEEDED']));
  });

  it('are as many as wanted from the start', async () => {
    const server = await RawServer.start((stream) => respond(stream, { chunks: [Buffer.alloc(5)] }));
    const client = openClient(channel, server.address, { sessions: 3 });
    await unary(client);
    await until(() => server.sessions.size === 3, { what: 'three connections' });
  });

  it('do not keep a process that has nothing to do', async () => {
    const server = await named('a');
    const client = openClient(channel, server.address);
    await nameFrom(client);
    // Timers and sockets that hold the process would be among them.
    const held = process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    await nameFrom(client);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(
      held.length,
    );
  });
});
