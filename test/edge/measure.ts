import { connect, type Socket } from 'node:net';
import type { Subject } from './subject.js';

export interface Measured {
  /** Of the whole process, divided by the requests. */
  readonly cpuMicros: number;
  readonly perSecond: number;
}

interface Request {
  readonly path: string;
  /** What the answer must be. */
  readonly body: string;
}

/** Asks a subject for one thing on many connections, each as fast as it is answered. */
export async function measure(
  subject: Subject,
  request: Request,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Measured> {
  const loops = await Promise.all(Array.from({ length: connections }, () => Loop.open(subject.url, request)));
  const [cpuBefore, before] = [subject.cpuMicros(), performance.now()];
  for (const loop of loops) loop.start();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const counts = await Promise.all(loops.map((loop) => loop.stop()));
  const [cpu, elapsed] = [subject.cpuMicros() - cpuBefore, performance.now() - before];
  const answered = counts.reduce((sum, count) => sum + count, 0);
  return { cpuMicros: cpu / answered, perSecond: (answered * 1000) / elapsed };
}

/** One connection: a request, its answer, the next request. */
class Loop {
  private answered = 0;
  private isStopping = false;
  private received = '';
  private readonly ended = Promise.withResolvers<number>();
  private readonly socket: Socket;
  private readonly request: string;
  private readonly body: string;

  static async open(url: string, request: Request): Promise<Loop> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Loop(socket, request);
  }

  private constructor(socket: Socket, { path, body }: Request) {
    this.socket = socket;
    this.body = body;
    this.request = `GET ${path} HTTP/1.1\r\nHost: bench.example\r\nAccept: application/json\r\n\r\n`;
    socket.setEncoding('latin1').on('data', (text: string) => this.take(text));
    socket.on('error', (error) => this.ended.reject(error));
    socket.on('close', () => this.ended.reject(new Error('the connection was closed')));
  }

  start(): void {
    this.socket.write(this.request);
  }

  /** The number of answers, when the last has come. */
  async stop(): Promise<number> {
    this.isStopping = true;
    const answered = await this.ended.promise;
    this.socket.destroy();
    return answered;
  }

  private take(text: string): void {
    this.received += text;
    const head = this.received.indexOf('\r\n\r\n');
    if (head < 0 || this.received.length < head + 4 + this.body.length) return;
    if (!this.received.startsWith('HTTP/1.1 200 ') || !this.received.endsWith(`\r\n\r\n${this.body}`)) {
      this.ended.reject(new Error(`another answer than ${this.body}: ${this.received}`));
      return;
    }
    this.received = '';
    this.answered++;
    if (this.isStopping) this.ended.resolve(this.answered);
    else this.start();
  }
}
