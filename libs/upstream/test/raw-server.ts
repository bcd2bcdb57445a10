import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';

type OnStream = (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>, nth: number) => void;

const running: { close(): void }[] = [];

afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

/** An HTTP/2 server that does with each stream what the test says. */
export class RawServer {
  readonly sessions = new Set<ServerHttp2Session>();
  /** Streams that came. */
  seen = 0;
  /** Codes by which the client has reset streams. */
  readonly resets: number[] = [];
  address = '';

  private constructor(readonly server: Http2Server) {}

  static async start(onStream: OnStream, settings: Settings = {}): Promise<RawServer> {
    const raw = new RawServer(createServer({ settings }));
    running.push({ close: () => raw.close() });
    raw.server.on('session', (session) => {
      raw.sessions.add(session);
      session.on('error', () => {});
      session.on('close', () => raw.sessions.delete(session));
    });
    raw.server.on('sessionError', () => {});
    raw.server.on('stream', (stream, headers) => {
      raw.seen += 1;
      stream.on('error', () => {}); // node tells its own side of a reset as an error, too
      stream.on('aborted', () => raw.resets.push(stream.rstCode ?? -1));
      onStream(stream, headers, raw.seen);
    });
    raw.server.listen(0, '127.0.0.1');
    await once(raw.server, 'listening');
    raw.address = addressOf(raw.server);
    return raw;
  }

  close(): void {
    for (const session of this.sessions) session.destroy();
    this.server.close();
  }
}

/** Accepts connections and gives each to the test. */
export async function tcpServer(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  running.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return addressOf(server);
}

function addressOf(server: TcpServer | Http2Server): string {
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen');
  return `127.0.0.1:${address.port}`;
}

/** A message as it goes on the wire. */
export function frameOf(text: string, flag = 0): Buffer {
  const body = Buffer.from(text);
  const frame = Buffer.alloc(5 + body.length);
  frame[0] = flag;
  frame.writeUInt32BE(body.length, 1);
  body.copy(frame, 5);
  return frame;
}

export interface RawAnswer {
  readonly headers?: Readonly<Record<string, string | number>>;
  /** As they are written; each becomes a DATA frame of its own. */
  readonly chunks?: readonly Buffer[];
  readonly trailers?: Readonly<Record<string, string>>;
}

/** An answer as a server of gRPC gives it, unless told otherwise. */
export function respond(stream: ServerHttp2Stream, { headers, chunks = [], trailers }: RawAnswer = {}): void {
  const head = { ':status': 200, 'content-type': 'application/grpc', ...headers };
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? { 'grpc-status': '0' }));
  const next = (index: number): void => {
    const chunk = chunks[index];
    if (chunk === undefined) stream.end();
    else stream.write(chunk, () => setImmediate(next, index + 1));
  };
  next(0);
}
