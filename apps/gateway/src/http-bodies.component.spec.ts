import { request } from 'node:http';
import { status } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { Connection } from '../test/connection.js';
import { FilesGateway } from '../test/files-gateway.js';
import { problemOf } from '../test/problem-of.js';
import { standsStill } from '../test/stands-still.js';
import type { Fields } from '../test/test-files.js';

/** More than sockets hold. */
const SIZE = 39_000_000;
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe]);
const bodyOf = (message: Fields | undefined) => message?.body as { contentType: string; data: Uint8Array } | undefined;

// Ours, and grpc-js's; the http2 channel has the calls of the first, and a suite of its own.
describe.each(['framed', 'grpc-js'])('bodies that are bytes, over %s', (channel) => {
  let files: FilesGateway;
  beforeAll(async () => {
    files = await FilesGateway.prepare();
    await files.start({ channel }, { limits: { bodyBytes: 100_000 }, streams: { bodyBytes: 40_000_000 } });
  });
  afterAll(() => files?.stop());
  beforeEach(() => files.upstream.reset());
  const send = (path: string, init: RequestInit & { duplex?: 'half' } = {}) => fetch(files.url + path, init);

  describe('of one answer', () => {
    it('are sent as they are, with their type and what keeps browsers from running them', async () => {
      files.upstream.on('GetFile', (_, reply) => reply(null, { contentType: 'image/png', data: PNG }));
      const answer = await send('/v1/files/a.png');
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
      const named = ['content-type', 'content-length', 'x-content-type-options', 'content-security-policy'];
      expect(named.map((name) => answer.headers.get(name))).toEqual([
        'image/png',
        '7',
        'nosniff',
        "default-src 'none'; frame-ancestors 'none'",
      ]);
    });

    it('may be a field of the response', async () => {
      files.upstream.on('GetContent', (_, reply) =>
        reply(null, { name: 'a', body: { contentType: 'text/plain; charset=utf-8', data: Buffer.from('ä') } }),
      );
      const answer = await send('/v1/files/a:content');
      expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/plain; charset=utf-8', 'ä']);
    });

    it('have no header of their own making', async () => {
      files.upstream.on('GetFile', (_, reply) => reply(null, { contentType: 'text/html\r\nX-Own: 1', data: PNG }));
      const answer = await send('/v1/files/a');
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-own')]).toEqual([
        200,
        'application/octet-stream',
        null,
      ]);
    });

    it('are a problem document where the service fails', async () => {
      files.upstream.on('GetFile', (_, reply) => reply({ code: status.NOT_FOUND, details: 'There is no such file.' }));
      const answer = await send('/v1/files/a');
      expect([answer.status, (await problemOf(answer)).code]).toEqual([404, 'NOT_FOUND']);
    });
  });

  describe('of one request', () => {
    it('are taken as they are, of any type, beside what the path says', async () => {
      let got: Fields | undefined;
      files.upstream.on('PutFile', ({ request: message }, reply) => {
        got = message;
        reply(null, {});
      });
      const answer = await send('/v1/files/a.png', {
        method: 'PUT',
        body: PNG,
        headers: { 'content-type': 'image/png' },
      });
      expect(answer.status).toBe(200);
      expect([got?.name, bodyOf(got)?.contentType, Buffer.from(bodyOf(got)?.data ?? [])]).toEqual([
        'a.png',
        'image/png',
        PNG,
      ]);
    });

    it('may be the whole request', async () => {
      let got: Fields | undefined;
      files.upstream.on('PostBytes', ({ request: message }, reply) => {
        got = message;
        reply(null, {});
      });
      await send('/v1/files', { method: 'POST', body: '{not JSON', headers: { 'content-type': 'text/plain' } });
      expect([got?.contentType, Buffer.from(got?.data as Uint8Array).toString()]).toEqual(['text/plain', '{not JSON']);
    });

    it('have the limit of all requests', async () => {
      const answer = await send('/v1/files/a', { method: 'PUT', body: Buffer.alloc(100_001) });
      expect([answer.status, (await problemOf(answer)).code]).toEqual([413, 'BODY_TOO_LARGE']);
      expect(files.upstream.calls).toEqual([]);
    });
  });

  describe('of a download', () => {
    it('come as the service sends them, with the type of the first message', async () => {
      files.upstream.on('Download', (call) => {
        call.write({ contentType: 'text/csv', data: Buffer.from('a,b\n') });
        call.write({ data: Buffer.from('1,2\n') });
        call.end();
      });
      const answer = await send('/v1/files/a:download', { headers: { accept: 'text/event-stream' } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv']);
      expect(await answer.text()).toBe('a,b\n1,2\n');
    });

    it('may be none', async () => {
      files.upstream.on('Download', (call) => call.end());
      const answer = await send('/v1/files/a:download');
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    });

    it('are a status where it fails before the first, and broken off where it fails later', async () => {
      files.upstream.on('Download', (call) => call.emit('error', { code: status.NOT_FOUND, details: 'x' }));
      expect((await send('/v1/files/a:download')).status).toBe(404);
      files.upstream.on('Download', (call) => {
        call.write({ contentType: 'text/csv', data: Buffer.from('a,b\n') });
        setImmediate(() => call.emit('error', { code: status.UNAVAILABLE, details: 'x' }));
      });
      const broken = await send('/v1/files/a:download');
      await expect(broken.text()).rejects.toThrow('terminated');
      const line = () => files.gateway.lines.find(({ code }) => code === 'UPSTREAM_UNAVAILABLE');
      await until(line, { what: 'the line in the log' });
    });

    it('are held back by a slow reader, and cancelled when it goes', async () => {
      let written = 0;
      files.upstream.on('Download', (call) => {
        const pump = () => {
          while (written < 2_000) {
            written++;
            if (!call.write({ contentType: 'a/b', data: Buffer.alloc(65_536) })) return;
          }
        };
        call.on('drain', pump);
        pump();
      });
      const client = new AbortController();
      await send('/v1/files/a:download', { signal: client.signal });
      await until(
        standsStill(() => written),
        { what: 'the service to be held back', interval: 300 },
      );
      expect(written).toBeLessThan(1_000);
      client.abort();
      await until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });
    });
  });

  describe('of an upload', () => {
    /** Counts what comes, and answers at the end. */
    const counting = () => {
      const seen = { messages: [] as Fields[], size: 0 };
      files.upstream.on('Upload', (call, reply) => {
        call.on('data', (message: Fields) => {
          seen.messages.push(message);
          seen.size += bodyOf(message)?.data.length ?? 0;
        });
        call.on('end', () => reply(null, { name: seen.messages[0]?.name, size: BigInt(seen.size) }));
      });
      return seen;
    };

    it('become messages, the first with what the path and the headers say', async () => {
      const seen = counting();
      const answer = await send('/v1/files/a.bin:upload', {
        method: 'PUT',
        body: Buffer.alloc(2_500_000, 'x'),
        headers: { 'content-type': 'a/b' },
      });
      expect(await answer.json()).toEqual({ name: 'a.bin', size: '2500000' });
      expect(seen.messages.length).toBeGreaterThan(10);
      expect(bodyOf(seen.messages[0])?.contentType).toBe('a/b');
      expect(seen.messages.slice(1).filter((message) => message.name !== '' || bodyOf(message)?.contentType)).toEqual(
        [],
      );
    });

    it('may be none: the service hears what the path says', async () => {
      const seen = counting();
      expect(await (await send('/v1/files/a:upload', { method: 'PUT' })).json()).toEqual({ name: 'a', size: '0' });
      expect(seen.messages).toHaveLength(1);
    });

    it('have a limit of their own, announced or not', async () => {
      const announced = await Connection.open(files.url);
      announced.send('PUT /v1/files/a:upload HTTP/1.1\r\nHost: x\r\nContent-Length: 40000001\r\n\r\n');
      const told = await announced.answer();
      expect([told.status, JSON.parse(told.body).detail]).toEqual([413, 'The body is larger than 40000000 bytes.']);
      expect(files.upstream.calls).toEqual([]);
      counting();
      const chunked = await Connection.open(files.url);
      chunked.send('PUT /v1/files/a:upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let sent = 0; sent < 41; sent++) chunked.send(`f4240\r\n${'x'.repeat(1_000_000)}\r\n`);
      expect((await chunked.answer()).status).toBe(413);
      await until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });
      announced.destroy();
      chunked.destroy();
    });

    it('are not read faster than the service takes them', async () => {
      let take = () => {};
      const seen = { size: 0 };
      files.upstream.on('Upload', (call, reply) => {
        call.pause();
        take = () => call.resume();
        call.on('data', (message: Fields) => {
          seen.size += bodyOf(message)?.data.length ?? 0;
        });
        call.on('end', () => reply(null, { size: BigInt(seen.size) }));
      });
      const { port } = new URL(files.url);
      const upload = request({
        port,
        method: 'PUT',
        path: '/v1/files/a:upload',
        headers: { 'content-length': SIZE },
      });
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      upload.on('response', ({ statusCode }) => resolve(statusCode));
      upload.write(Buffer.alloc(SIZE));
      const held = () => upload.socket?.bytesWritten ?? 0;
      await until(() => files.upstream.calls.includes('Upload'), { what: 'the call' });
      await until(standsStill(held), { what: 'the client to be held back', interval: 300 });
      const kept = upload.socket?.writableLength ?? 0;
      expect([kept > 10_000_000, seen.size]).toEqual([true, 0]);
      take();
      upload.end();
      expect(await promise).toBe(200);
      expect(seen.size).toBe(SIZE);
    });

    it('are answered before their end where the service says no, and the connection ends', async () => {
      files.upstream.on('Upload', (_, reply) => reply({ code: status.PERMISSION_DENIED, details: 'not here' }));
      const connection = await Connection.open(files.url);
      connection.send('PUT /v1/files/a:upload HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nabc');
      const answer = await connection.answer();
      expect([answer.status, answer.headers.connection]).toEqual([403, 'close']);
      await connection.end();
    });

    it('are answered before their end where the service has had enough', async () => {
      files.upstream.on('Upload', (_, reply) => reply(null, { name: 'enough' }));
      const connection = await Connection.open(files.url);
      connection.send('PUT /v1/files/a:upload HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nabc');
      const answer = await connection.answer();
      expect([answer.status, JSON.parse(answer.body).name, answer.headers.connection]).toEqual([
        200,
        'enough',
        'close',
      ]);
      await connection.end();
    });

    it('are cancelled at the service when the client goes away', async () => {
      counting();
      const connection = await Connection.open(files.url);
      connection.send('PUT /v1/files/a:upload HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nabc');
      await until(() => files.upstream.calls.includes('Upload'), { what: 'the call' });
      connection.destroy();
      await until(() => files.upstream.cancelled === 1, { what: 'the call to be cancelled' });
    });

    it('ask for the body of a client that waits for that, when the guards have let it in', async () => {
      counting();
      const connection = await Connection.open(files.url);
      connection.send(
        'PUT /v1/files/a:upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
      );
      await until(() => connection.interim.length > 0, { what: '100 Continue' });
      connection.send('abc');
      expect(JSON.parse((await connection.answer()).body)).toEqual({ name: 'a', size: '3' });
    });
  });
});
