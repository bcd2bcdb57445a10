import { once } from 'node:events';

/** A process of Node that was started with --inspect, by the protocol of its inspector. */
export class Inspector {
  private readonly socket: WebSocket;
  private readonly answers = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  private last = 0;

  /** `log` is what the process has written: the address of its inspector among it. */
  static async connect(log: string): Promise<Inspector> {
    const address = /Debugger listening on (ws:\S+)/.exec(log)?.[1];
    if (address === undefined) throw new Error('the process has no inspector');
    const inspector = new Inspector(new WebSocket(address));
    await once(inspector.socket, 'open');
    return inspector;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(String(data));
      if (error) this.answers.get(id)?.reject(new Error(error.message));
      else this.answers.get(id)?.resolve(result);
      this.answers.delete(id);
    });
  }

  /** Has a command done, and gives its result. */
  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.last += 1;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.answers.set(this.last, answer);
    this.socket.send(JSON.stringify({ id: this.last, method, params }));
    return await answer.promise;
  }

  close(): void {
    this.socket.close();
  }
}
