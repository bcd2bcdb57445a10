import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '#libs/embedded';
import { bucketServer, until } from '#libs/testing';
import { describeBuckets } from '../test/bucket-contract.js';
import { createBuckets, RedisBuckets } from './index.js';

const SERVER = bucketServer();

if (!SERVER) {
  describe.skip('Redis (install the package redis-server or valkey-server)', () => {
    it('keeps the contract', () => {});
  });
} else {
  const folder = mkdtempSync(join(tmpdir(), 'throttling-'));
  let server: ChildProcess;
  let port = 0;
  const start = () =>
    spawn(SERVER, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]);
  const stop = async () => {
    server.kill();
    await until(() => server.exitCode !== null || server.signalCode !== null, { what: 'the server to stop' });
  };
  const reachable = async (buckets: RedisBuckets) => {
    const probe = () =>
      buckets.take('probe', { rate: 1, burst: 1 }).then(
        () => true,
        () => false,
      );
    await until(probe, { what: 'the server to answer' });
  };
  let opened: RedisBuckets;

  beforeAll(async () => {
    port = await freePort();
    server = start();
    opened = new RedisBuckets(`redis://127.0.0.1:${port}`, () => {});
    await reachable(opened);
  });
  afterAll(async () => {
    await opened.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describeBuckets(SERVER, () => ({ take: (key, rule) => opened.take(key, rule), close: async () => {} }));

  describe(SERVER, () => {
    it('shares buckets between processes', async () => {
      const other = new RedisBuckets(`redis://127.0.0.1:${port}`, () => {});
      await reachable(other);
      const rule = { rate: 0.001, burst: 1 };
      expect((await opened.take('shared', rule)).admitted).toBe(true);
      expect((await other.take('shared', rule)).admitted).toBe(false);
      await other.close();
    });

    it("tells who can look into it nobody's address and nobody's id", async () => {
      await opened.take('toy.A 0 6 ["203.0.113.7","ada"]', { rate: 0.001, burst: 1 });
      const redis = new Redis(port);
      const keys = await redis.keys('*');
      redis.disconnect();
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((key) => !/^throttle:[\w-]{43}$/.test(key))).toEqual([]);
    });

    it('may go away and come back: calls are counted by the process meanwhile', async () => {
      const buckets = createBuckets(`redis://127.0.0.1:${port}`);
      const rule = { rate: 0.001, burst: 2 };
      await stop();
      const taken = [];
      for (let i = 0; i < 3; i++) taken.push(await buckets.take('k', rule));
      expect(taken.map(({ admitted }) => admitted)).toEqual([true, true, false]);
      server = start();
      await until(async () => (await buckets.take('k', rule)).admitted, { what: 'the shared bucket' });
      await buckets.close();
    });
  });
}
