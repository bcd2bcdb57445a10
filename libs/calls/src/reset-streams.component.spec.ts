import { once } from 'node:events';
import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { ask, codeOf } from '../test/test-replica.js';
import { openClient } from './client.js';

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = constants;
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Resets the first stream by this code, and answers those after it. */
class ResettingServer {
  readonly server: Http2Server = createServer();
  private readonly sessions = new Set<ServerHttp2Session>();
  seen = 0;

  constructor(code: number) {
    this.server.on('session', (session) => this.sessions.add(session));
    this.server.on('stream', (stream) => {
      this.seen += 1;
      stream.on('error', () => {}); // node tells its own side of the reset as an error, too
      if (this.seen === 1) stream.close(code);
      else answer(stream);
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    return typeof address === 'object' && address ? `127.0.0.1:${address.port}` : '';
  }

  close(): void {
    for (const session of this.sessions) session.destroy();
    this.server.close();
  }
}

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(EMPTY_MESSAGE);
}

/** How a call ended, and how often it was sent. */
async function outcomeOf(code: number, attempts: number): Promise<{ ended: number; seen: number }> {
  const replica = new ResettingServer(code);
  const client = openClient(await replica.listen());
  try {
    const ended = await ask(client, { attempts }).then(() => status.OK, codeOf);
    return { ended, seen: replica.seen };
  } finally {
    client.close();
    replica.close();
  }
}

describe('a call whose stream is reset', () => {
  it.each([
    ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR],
    ['CANCEL', NGHTTP2_CANCEL],
  ])('by %s is sent again where that may be', async (_name, code) => {
    expect(await outcomeOf(code, 3)).toEqual({ ended: status.OK, seen: 2 });
  });

  it('by INTERNAL_ERROR is not sent again where a handler may have seen it', async () => {
    expect(await outcomeOf(NGHTTP2_INTERNAL_ERROR, 1)).toEqual({ ended: status.INTERNAL, seen: 1 });
  });

  it('by REFUSED_STREAM is sent again in any case: no handler has seen it', async () => {
    expect(await outcomeOf(NGHTTP2_REFUSED_STREAM, 1)).toEqual({ ended: status.OK, seen: 2 });
  });
});
