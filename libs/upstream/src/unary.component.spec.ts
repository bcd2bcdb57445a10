import { InterceptingCall, type Interceptor, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { asIs, unary } from '../test/calls.js';
import { EchoServer, metadataOf } from '../test/echo-server.js';
import { ALL, asServiceError, openClient } from '../test/open-client.js';
import { frameOf, RawServer, respond } from '../test/raw-server.js';

const PATH = '/test.Echo/Unary';

describe.each(ALL)('a unary call over %s', (channel) => {
  const toEcho = async () => openClient(channel, (await EchoServer.start()).address);

  /** As a promise, however few arguments there are. */
  function answered(call: (done: (error: ServiceError | null, value?: Buffer) => void) => unknown): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      call((error, value) => (value === undefined ? reject(error) : resolve(value)));
    });
  }

  it('may leave out metadata, options, and both', async () => {
    const client = await toEcho();
    const request = Buffer.from('x');
    const options = { deadline: Date.now() + 5_000 };
    const answers = await Promise.all([
      answered((done) => client.makeUnaryRequest(PATH, asIs, asIs, request, done)),
      answered((done) => client.makeUnaryRequest(PATH, asIs, asIs, request, new Metadata(), done)),
      answered((done) => client.makeUnaryRequest(PATH, asIs, asIs, request, options, done)),
      answered((done) => client.makeUnaryRequest(PATH, asIs, asIs, request, new Metadata(), options, done)),
    ]);
    expect(answers.map(String)).toEqual(['x', 'x', 'x', 'x']);
  });

  it('whose message cannot be written, or read, is INTERNAL and says why', async () => {
    const client = await toEcho();
    const fails = () => {
      throw new Error('not like this');
    };
    const call = (write: typeof asIs, read: typeof asIs) =>
      answered((done) => client.makeUnaryRequest(PATH, write, read, Buffer.from('x'), done)).catch(asServiceError);
    expect(await call(fails, asIs)).toMatchObject({
      code: status.INTERNAL,
      details: 'Request message serialization failure: not like this',
    });
    expect(await call(asIs, fails)).toMatchObject({
      code: status.INTERNAL,
      details: 'Response message parsing error: not like this',
    });
  });

  it('fails with an Error that says code and text', async () => {
    const details = 'there is none';
    const { address } = await EchoServer.start({ unary: (_, done) => done({ code: status.NOT_FOUND, details }) });
    const error: unknown = await unary(openClient(channel, address)).catch((reason) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('Error: 5 NOT_FOUND: there is none');
  });

  it('passes interceptors of its own', async () => {
    const server = await EchoServer.start({
      unary: (call, done) => done(null, Buffer.from(String(call.metadata.get('who')))),
    });
    const client = openClient(channel, server.address);
    const interceptors: Interceptor[] = [
      (options, next) =>
        new InterceptingCall(next(options), {
          start: (metadata, listener, start) => {
            metadata.set('who', 'interceptor');
            start(metadata, listener);
          },
        }),
    ];
    const intercepted = answered((done) =>
      client.makeUnaryRequest(PATH, asIs, asIs, Buffer.alloc(0), { interceptors }, done),
    );
    expect(String(await intercepted)).toBe('interceptor');
  });

  it.each([
    ['no table of headers', { headerTableSize: 0 }],
    ['a small table of headers', { headerTableSize: 120 }],
    ['a large table of headers', { headerTableSize: 65_536 }],
    ['windows of one octet', { initialWindowSize: 1 }],
    ['large frames and windows', { maxFrameSize: 1_000_000, initialWindowSize: 10_000_000 }],
  ])('reaches a server that has %s, again and again', async (_, settings) => {
    const { address } = await RawServer.start((stream, headers) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () =>
        respond(stream, { chunks: [frameOf(`${headers['x-nth']} ${Buffer.concat(parts).length}`)] }),
      );
    }, settings);
    const client = openClient(channel, address);
    for (let nth = 0; nth < 20; nth++) {
      const metadata = metadataOf({ 'x-nth': String(nth) });
      const calls = [
        unary(client, Buffer.alloc(200), { metadata }),
        unary(client, '', { metadata, path: `/a.B/C${nth}` }),
      ];
      expect((await Promise.all(calls)).map(({ message }) => String(message))).toEqual([`${nth} 205`, `${nth} 5`]);
    }
  });
});
