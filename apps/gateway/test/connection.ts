import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '#libs/testing';

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; repeated ones joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection on which a test writes bytes and reads answers: what no HTTP client would let it do. */
export class Connection {
  private received = Buffer.alloc(0);
  private ended = false;
  /** Statuses of the answers before the real one, e.g. 100. */
  readonly interim: number[] = [];

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const connection = new Connection(socket);
    await once(socket, 'connect');
    return connection;
  }

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.takeInterim();
    });
    socket.on('end', () => this.gone());
    socket.on('error', () => this.gone());
    socket.on('close', () => this.gone());
  }

  /** Text is sent byte for byte (latin1). */
  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Says that nothing more is sent, and goes on reading. */
  finish(): this {
    this.socket.end();
    return this;
  }

  /** The next answer, without interim ones. Throws when the connection ends before it is whole. */
  async answer(options: { latin1?: boolean } = {}): Promise<RawAnswer> {
    const answer = await until(
      () => this.take(options.latin1 ? 'latin1' : 'utf8') ?? (this.ended ? 'ended' : undefined),
      {
        what: 'the answer',
        timeout: 30_000,
      },
    );
    if (answer === 'ended') throw new Error(`the connection ended after ${JSON.stringify(this.received.toString())}`);
    return answer;
  }

  /** Every answer until the server ends the connection. */
  async answers(): Promise<RawAnswer[]> {
    await this.end();
    const all: RawAnswer[] = [];
    for (let next = this.take('utf8'); next; next = this.take('utf8')) all.push(next);
    if (this.received.length > 0) throw new Error(`no whole answer: ${JSON.stringify(this.received.toString())}`);
    return all;
  }

  /** Resolves when the server has ended the connection. */
  async end(): Promise<void> {
    await until(() => this.ended, { what: 'the end of the connection', timeout: 30_000 });
  }

  destroy(): void {
    this.socket.destroy();
  }

  private gone(): void {
    this.ended = true;
  }

  private takeInterim(): void {
    const interim = /^HTTP\/1\.1 (1\d\d) [^\r]*\r\n(?:[^\r]+\r\n)*\r\n/.exec(this.received.toString('latin1'));
    if (!interim) return;
    this.interim.push(Number(interim[1]));
    this.received = this.received.subarray(interim[0].length);
  }

  private take(encoding: BufferEncoding): RawAnswer | undefined {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [statusLine = '', ...lines] = this.received.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(statusLine.split(' ')[1]);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      const key = name.toLowerCase();
      headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
    }
    const bodiless = status < 200 || status === 204 || status === 304;
    const length = bodiless ? 0 : Number(headers['content-length'] ?? 0);
    if (this.received.length < end + 4 + length) return undefined;
    const body = this.received.subarray(end + 4, end + 4 + length).toString(encoding);
    this.received = this.received.subarray(end + 4 + length);
    this.takeInterim();
    return { status, headers, body };
  }
}
