import { Client, credentials, experimental, status } from '@grpc/grpc-js';
import { fromServiceError } from '#libs/errors';
import { until } from '#libs/testing';
import { ask, codeOf, TestReplica } from '../test/test-replica.js';
import { CHANNEL_OPTIONS, openClient } from './client.js';
import { listEndpoints } from './endpoint-list.js';

/** Calls without a pause until `stop`, and what became of each. */
function underLoad(client: Client, attempts: number): { answers: string[]; failures: number[]; stop(): Promise<void> } {
  const load = { answers: [] as string[], failures: [] as number[] };
  let goesOn = true;
  const work = async () => {
    while (goesOn) {
      await ask(client, { attempts }).then(
        (name) => load.answers.push(name),
        (error) => load.failures.push(codeOf(error)),
      );
    }
  };
  const workers = Array.from({ length: 10 }, work);
  const stop = async () => {
    goesOn = false;
    await Promise.all(workers);
  };
  return { ...load, stop };
}

describe('calls to a list of replicas', () => {
  const replicas: TestReplica[] = [];
  const clients: Client[] = [];
  const replica = async (...start: Parameters<typeof TestReplica.start>) => {
    const started = await TestReplica.start(...start);
    replicas.push(started);
    return started;
  };
  const clientOf = (...addresses: string[]) => {
    const client = openClient(addresses.join());
    clients.push(client);
    return client;
  };
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    for (const one of replicas.splice(0)) one.kill();
  });

  it('are shared among them equally', async () => {
    const [a, b, c] = [await replica('a'), await replica('b'), await replica('c')];
    const client = clientOf(a.address, b.address, c.address);
    const all = new Set<string>();
    await until(async () => all.add(await ask(client)).size === 3, { what: 'a connection to each' });
    const before = a.seen;
    await Promise.all(Array.from({ length: 300 }, () => ask(client)));
    expect(a.seen - before).toBe(100);
  });

  it('do not fail when one goes away in order and comes back, and each is handled once', async () => {
    const [a, b] = [await replica('a'), await replica('b')];
    const load = underLoad(clientOf(a.address, b.address), 1);
    for (const one of [a, b, a, b]) {
      await until(() => load.answers.slice(-50).includes(one === a ? 'a' : 'b'), { what: 'it to answer' });
      await one.stop();
      const sent = load.answers.length;
      await until(() => load.answers.length > sent + 50, { what: 'the other one to answer' });
      await one.listen();
      const again = load.answers.length;
      await until(() => load.answers.slice(again).includes(one === a ? 'a' : 'b'), { what: 'it to be used again' });
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(a.seen + b.seen).toBe(load.answers.length);
  }, 60_000);

  it('that may be repeated do not fail when one dies; others fail only where it was at them', async () => {
    const [a, b] = [await replica('a', { takesMs: 20 }), await replica('b', { takesMs: 20 })];
    const client = clientOf(a.address, b.address);
    for (const attempts of [3, 1]) {
      await until(async () => (await ask(client)) === 'a', { what: 'a to answer' });
      const load = underLoad(client, attempts);
      await until(() => load.answers.length > 40, { what: 'load' });
      a.kill();
      const sent = load.answers.length;
      await until(() => load.answers.length > sent + 100, { what: 'the other one to answer' });
      await load.stop();
      expect(load.answers.slice(-50)).not.toContain('a');
      if (attempts > 1) expect(load.failures).toEqual([]);
      else expect(load.failures.length).toBeLessThanOrEqual(10);
      await a.listen();
    }
  }, 60_000);

  it('do not fail when connections reach their age', async () => {
    const [a, b] = [await replica('a', { ageMs: 200 }), await replica('b', { ageMs: 200 })];
    const load = underLoad(clientOf(a.address, b.address), 1);
    const startedAt = Date.now();
    await until(() => Date.now() - startedAt > 2_000, { what: 'connections to age ten times' });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(a.seen + b.seen).toBe(load.answers.length);
  }, 30_000);

  it('wait for the only one to come back, a second and a half at most, whatever they do', async () => {
    const a = await replica('a');
    const client = clientOf(a.address);
    await ask(client);
    await a.stop();
    const waiting = ask(client);
    await a.listen();
    expect(await waiting).toBe('a');
    await a.stop();
    const begun = Date.now();
    const code = await ask(client).catch(codeOf);
    expect(code).toBe(status.UNAVAILABLE);
    expect(Date.now() - begun).toBeLessThan(2_500);
  }, 20_000);

  it('end with their deadline and their signal, whatever retries there are', async () => {
    const client = clientOf('127.0.0.1:1');
    const begun = Date.now();
    await expect(ask(client, { deadline: begun + 300 })).rejects.toThrow();
    await expect(ask(client, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    expect(Date.now() - begun).toBeLessThan(1_400);
  });

  it('are not repeated without end while all are away: a hundred times, then they fail at once', async () => {
    const client = clientOf('127.0.0.1:1');
    let retries = 0;
    const calls = Array.from({ length: 200 }, () => ask(client, { attempts: 3, onRetry: () => retries++ }));
    const codes = await Promise.all(calls.map((call) => call.catch(codeOf)));
    expect(new Set(codes)).toEqual(new Set([status.UNAVAILABLE]));
    expect(retries).toBe(100);
    const begun = Date.now();
    await ask(client).catch(codeOf);
    expect(Date.now() - begun).toBeLessThan(500);
  });

  it('fail at once after a second of failures, are told when to come again, and go on with the first answer', async () => {
    const away = await replica('a');
    const client = clientOf(away.address);
    await ask(client);
    await away.stop();
    const begun = Date.now();
    const refused = async () => {
      const error: unknown = await ask(client, { deadline: Date.now() + 300 }).catch((reason: unknown) => reason);
      return fromServiceError(error).retryAfterSeconds;
    };
    await until(async () => (await Promise.all([refused(), refused(), refused()])).some(Boolean), {
      what: 'a refusal',
    });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_000);
    await away.listen();
    const back = Date.now();
    await until(
      () =>
        ask(client).then(
          () => true,
          () => false,
        ),
      { what: 'an answer', interval: 10 },
    );
    // The pause of the connection, and that of the breaker.
    expect(Date.now() - back).toBeLessThan(2_000);
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(client)))).toHaveLength(20);
  }, 20_000);

  it('are not repeated for an answer that is no breakdown', async () => {
    const refusing = await replica('a', { answers: () => ({ code: status.FAILED_PRECONDITION }) });
    expect(await ask(clientOf(refusing.address), { attempts: 3 }).catch(codeOf)).toBe(status.FAILED_PRECONDITION);
    expect(refusing.seen).toBe(1);
    const busy = await replica('b', { answers: () => ({ code: status.UNAVAILABLE, details: 'busy' }) });
    expect(await ask(clientOf(busy.address), { attempts: 3 }).catch(codeOf)).toBe(status.UNAVAILABLE);
    expect(busy.seen).toBe(3);
  });

  it('reach a replica that a name leads to since lately, within seconds, and keep the others', async () => {
    const [a, b] = [await replica('a'), await replica('b')];
    const names = new Names([a]);
    const client = names.client();
    clients.push(client);
    expect(await ask(client)).toBe('a');
    names.replicas = [a, b];
    const begun = Date.now();
    await until(async () => (await ask(client)) === 'b', { what: 'the new one to answer' });
    expect(Date.now() - begun).toBeLessThan(8_000);
    const before = b.seen;
    await Promise.all(Array.from({ length: 100 }, () => ask(client)));
    expect(b.seen - before).toBe(50);
    names.replicas = [b];
    a.kill();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => ask(client, { attempts: 3 }))))).toEqual(
      new Set(['b']),
    );
  }, 30_000);
});

/** What DNS would tell, as the test wants it. */
class Names {
  constructor(public replicas: readonly TestReplica[]) {
    const { statusOrFromValue, registerResolver } = experimental;
    const told = () =>
      statusOrFromValue(this.replicas.map(({ port }) => ({ addresses: [{ host: '127.0.0.1', port }] })));
    class Resolver implements experimental.Resolver {
      constructor(
        _target: experimental.GrpcUri,
        private readonly listener: experimental.ResolverListener,
      ) {}
      updateResolution(): void {
        setImmediate(() => this.listener(told(), {}, null, ''));
      }
      destroy(): void {}
      static getDefaultAuthority = () => 'test';
    }
    registerResolver('names', Resolver);
    listEndpoints('names-list', 'names');
  }

  client(): Client {
    return new Client('names-list:orders:1', credentials.createInsecure(), CHANNEL_OPTIONS);
  }
}
