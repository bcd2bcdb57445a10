import { type ClientDuplexStream, type ClientUnaryCall, Metadata, status } from '@grpc/grpc-js';
import { until } from '#libs/testing';
import { asIs, serverStream, textsOf, unary } from '../test/calls.js';
import { EchoServer, metadataOf } from '../test/echo-server.js';
import { ALL, asServiceError, nameOf, openClient } from '../test/open-client.js';

const soon = () => ({ deadline: Date.now() + 10_000 });

describe.each(ALL)('a call over %s', (channel) => {
  it('that is unary gives the message as it was sent, empty ones too', async () => {
    const client = openClient(channel, (await EchoServer.start()).address);
    expect((await unary(client, 'hello')).message.toString()).toBe('hello');
    expect((await unary(client, '')).message).toHaveLength(0);
  });

  it.each([1, 5, 16_379, 16_384, 65_535, 3_000_000])('carries %i bytes there and back', async (size) => {
    const client = openClient(channel, (await EchoServer.start()).address);
    const message = Buffer.alloc(size, 'x');
    expect((await unary(client, message)).message.equals(message)).toBe(true);
  });

  it('that streams from the server gives every message, in order, and then ends', async () => {
    const client = openClient(channel, (await EchoServer.start()).address);
    const all = await textsOf(serverStream(client, '500'));
    expect(all).toEqual(Array.from({ length: 500 }, (_, index) => String(index + 1)));
    expect(await textsOf(serverStream(client, '0'))).toEqual([]);
  });

  it('that streams to the server sends every message', async () => {
    const client = openClient(channel, (await EchoServer.start()).address);
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const call = client.makeClientStreamRequest(
      ...(['/test.Echo/Client', asIs, asIs, new Metadata(), soon()] as const),
      (error, answer) => (answer === undefined ? reject(error) : resolve(answer)),
    );
    for (let number = 0; number < 200; number++) call.write(Buffer.from(`${number};`));
    call.end();
    expect((await promise).toString().split(';')).toHaveLength(201);
  });

  it('that streams both ways is a conversation', async () => {
    const client = openClient(channel, (await EchoServer.start()).address);
    const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      ...(['/test.Echo/Bidi', asIs, asIs, new Metadata(), soon()] as const),
    );
    const answers = call[Symbol.asyncIterator]();
    for (const word of ['a', 'b', 'c']) {
      call.write(Buffer.from(word));
      expect(String((await answers.next()).value)).toBe(word);
    }
    call.end();
    expect((await answers.next()).done).toBe(true);
  });

  it('that has sent nothing yet reaches the server', async () => {
    const server = await EchoServer.start();
    const call = openClient(channel, server.address).makeBidiStreamRequest(
      ...(['/test.Echo/Bidi', asIs, asIs, new Metadata(), soon()] as const),
    );
    call.on('error', () => {});
    await until(() => server.seen === 1, { what: 'the call' });
    call.cancel();
  });

  it('carries metadata both ways, binary and repeated values too', async () => {
    const bytes = Buffer.from([0, 1, 254, 255]);
    const server = await EchoServer.start({
      unary: (call, answer) => {
        const initial = metadataOf({ 'echo-bin': call.metadata.get('x-bin')[0] ?? '' });
        for (const value of call.metadata.get('x-many')) initial.add('echo-many', value);
        call.sendMetadata(initial);
        answer(null, Buffer.from(String(call.metadata.get('x-text')[0])), metadataOf({ 'last-bin': bytes }));
      },
    });
    const metadata = metadataOf({ 'x-bin': bytes, 'x-text': 'a, b' });
    metadata.add('x-many', 'one');
    metadata.add('x-many', 'two');
    const { message, initial, trailing } = await unary(openClient(channel, server.address), '', { metadata });
    expect(message.toString()).toBe('a, b');
    expect(initial.get('echo-bin')).toEqual([bytes]);
    expect(initial.get('echo-many').join(', ')).toBe('one, two');
    expect(trailing.get('last-bin')).toEqual([bytes]);
  });

  it('tells a refusal with its code, text and details', async () => {
    const details = 'not "x" – 100 % ✓\n';
    const metadata = metadataOf({ 'grpc-status-details-bin': Buffer.from('rich'), why: 'so' });
    const server = await EchoServer.start({
      unary: (_, answer) => answer({ code: status.FAILED_PRECONDITION, details, metadata }),
    });
    const error = asServiceError(await unary(openClient(channel, server.address)).catch((reason) => reason));
    expect(error).toMatchObject({ code: status.FAILED_PRECONDITION, details });
    expect(error.metadata.get('grpc-status-details-bin')).toEqual([Buffer.from('rich')]);
    expect(error.metadata.get('why')).toEqual(['so']);
  });

  it('to a method that is not there is UNIMPLEMENTED', async () => {
    const client = openClient(channel, (await EchoServer.start()).address);
    await expect(unary(client, '', { path: '/test.Echo/Other' }).catch(nameOf)).resolves.toBe('UNIMPLEMENTED');
  });

  it('passes its deadline on, and ends at it by itself', async () => {
    let told = 0;
    const server = await EchoServer.start({
      unary: (call) => {
        told = Number(call.getDeadline());
      },
    });
    const client = openClient(channel, server.address);
    const begun = Date.now();
    await expect(unary(client, '', { deadline: begun + 300 }).catch(nameOf)).resolves.toBe('DEADLINE_EXCEEDED');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(299);
    expect(Date.now() - begun).toBeLessThan(1_500);
    expect(told - begun).toBeGreaterThan(100);
    expect(told - begun).toBeLessThan(800);
    await until(() => server.cancelled === 1, { what: 'the server to hear of it' });
  });

  it('whose deadline has passed is not sent', async () => {
    const server = await EchoServer.start();
    const client = openClient(channel, server.address);
    await unary(client);
    await expect(unary(client, '', { deadline: Date.now() - 1 }).catch(nameOf)).resolves.toBe('DEADLINE_EXCEEDED');
    expect(server.seen).toBe(1);
  });

  it('ends in the order of deadlines, not of calls', async () => {
    const client = openClient(channel, (await EchoServer.start({ unary: () => {} })).address);
    const begun = Date.now();
    const ended: number[] = [];
    const lasting = [800, 100, 400, 200].map((ms) =>
      unary(client, '', { deadline: begun + ms }).catch(() => ended.push(ms)),
    );
    await Promise.all(lasting);
    expect(ended).toEqual([100, 200, 400, 800]);
  });

  it('is cancelled at the server when its caller cancels, before an answer and in the middle of one', async () => {
    const server = await EchoServer.start({ unary: () => {}, server: (call) => call.write(Buffer.from('first')) });
    const client = openClient(channel, server.address);
    const { promise, resolve } = Promise.withResolvers<ClientUnaryCall>();
    const failed = unary(client, '', { begun: resolve }).catch(nameOf);
    await until(() => server.seen === 1, { what: 'the call' });
    (await promise).cancel();
    expect(await failed).toBe('CANCELLED');
    const stream = serverStream(client, '');
    const reading = textsOf(stream).catch(nameOf);
    stream.once('data', () => stream.cancel());
    expect(await reading).toBe('CANCELLED');
    await until(() => server.cancelled === 2, { what: 'both to be cancelled there' });
  });

  it('that is cancelled at once never fails otherwise', async () => {
    const client = openClient(channel, (await EchoServer.start()).address);
    const cancelled = unary(client, '', { begun: (call) => call.cancel() });
    await expect(cancelled.catch(nameOf)).resolves.toBe('CANCELLED');
  });

  it('tells a message that is too large to send, or to take', async () => {
    const { address } = await EchoServer.start();
    const sending = openClient(channel, address, { options: { 'grpc.max_send_message_length': 100 } });
    const failed = asServiceError(await unary(sending, Buffer.alloc(101)).catch((error) => error));
    expect(failed).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(failed.details).toBe('Attempted to send message with a size larger than 100');
    const taking = openClient(channel, address, { options: { 'grpc.max_receive_message_length': 100 } });
    expect((await unary(taking, Buffer.alloc(100))).message).toHaveLength(100);
    const refused = asServiceError(await unary(taking, Buffer.alloc(101)).catch((error) => error));
    expect(refused).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(refused.details).toBe('Received message larger than max (101 vs 100)');
  });

  it('that sends is held up by a server that does not take it, and by nothing else', async () => {
    let take = () => {};
    let taken = 0;
    const server = await EchoServer.start({
      client: (call, answer) => {
        call.pause().on('data', () => taken++);
        call.on('end', () => answer(null, Buffer.from(String(taken))));
        take = () => call.resume();
      },
    });
    const client = openClient(channel, server.address);
    const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      ...(['/test.Echo/Client', asIs, asIs, new Metadata(), soon()] as const),
    );
    let left = 0;
    for (let number = 0; number < 64; number++) call.write(Buffer.alloc(1024 * 1024), () => left++);
    call.end();
    await until(() => server.seen === 1, { what: 'the call' });
    for (let count = 0; count < 50; count++) await unary(client, 'quick');
    expect(left).toBeLessThan(20);
    expect(taken).toBe(0);
    take();
    expect(await textsOf(call)).toEqual(['64']);
    expect(left).toBe(64);
  }, 30_000);

  it('is not held up by another one whose reader is slow, and that one holds up its server', async () => {
    let written = 0;
    const megabyte = Buffer.alloc(1024 * 1024);
    const server = await EchoServer.start({
      server: (call) => {
        const write = () => {
          while (written < 64) {
            written += 1;
            if (!call.write(megabyte)) return void call.once('drain', write);
          }
          call.end();
        };
        write();
      },
    });
    const client = openClient(channel, server.address);
    const slow = serverStream(client, '');
    const messages = slow[Symbol.asyncIterator]();
    expect((await messages.next()).value).toHaveLength(megabyte.length);
    for (let count = 0; count < 50; count++) await unary(client, 'quick');
    expect(written).toBeLessThan(40);
    let read = 1;
    for (; !(await messages.next()).done; read++);
    expect(read).toBe(64);
  }, 30_000);
});
