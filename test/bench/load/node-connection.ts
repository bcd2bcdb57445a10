import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Answer, Answers } from './answers.js';

/** A kept connection of HTTP/1.1: one request at a time. */
export class NodeConnection {
  private readonly socket: Socket;
  private readonly answers = new Answers();
  private waiting: PromiseWithResolvers<Answer> | undefined;
  private begun: PromiseWithResolvers<number> | undefined;
  private readonly lost = Promise.withResolvers<never>();

  static async open(address: string): Promise<NodeConnection> {
    const { hostname, port } = new URL(`http://${address}`);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new NodeConnection(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    this.lost.promise.catch(() => undefined);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the gateway closed a connection')));
  }

  exchange(request: Buffer): Promise<Answer> {
    this.waiting = Promise.withResolvers();
    this.socket.write(request);
    return this.waiting.promise;
  }

  /** The status of a stream, once its first part is here; what comes later is dropped. */
  stream(request: Buffer): Promise<number> {
    this.begun = Promise.withResolvers();
    this.socket.write(request);
    return this.begun.promise;
  }

  /** Rejects when the connection ends. */
  get ended(): Promise<never> {
    return this.lost.promise;
  }

  private take(chunk: Buffer): void {
    if (this.begun) {
      this.answers.push(chunk);
      const status = this.answers.begun();
      if (status === undefined) return;
      this.begun.resolve(status);
      this.socket.removeAllListeners('data').resume();
      return;
    }
    const answer = this.answers.push(chunk);
    if (answer) this.waiting?.resolve(answer);
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.begun?.reject(error);
    this.lost.reject(error);
  }
}
