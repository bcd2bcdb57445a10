import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Where Node opens an inspector that it is asked for by a signal. */
const BY_SIGNAL = 'http://127.0.0.1:9229';
const PATIENCE_MS = 5_000;

/** A process of Node, by the protocol of its inspector: of one that was started with --inspect, or that is asked for it by SIGUSR1. */
export class Inspector {
  private readonly socket: WebSocket;
  private readonly answers = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  private last = 0;

  /** `log` is what the process has written: the address of its inspector among it. */
  static async connect(log: string): Promise<Inspector> {
    const address = /Debugger listening on (ws:\S+)/.exec(log)?.[1];
    if (address === undefined) throw new Error('the process has no inspector');
    return Inspector.at(address);
  }

  /** @throws when it opens none, since another process has the port say */
  static async open(pid: number): Promise<Inspector> {
    process.kill(pid, 'SIGUSR1');
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const address = await addressBySignal().catch(() => undefined);
      if (address !== undefined) {
        const inspector = await Inspector.at(address);
        if ((await inspector.evaluate('process.pid')) === pid) return inspector;
        inspector.close();
      }
      if (Date.now() > deadline)
        throw new Error(`process ${pid} opens no inspector at ${BY_SIGNAL}: is the port another one's?`);
      await delay(100);
    }
  }

  private static async at(address: string): Promise<Inspector> {
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

  /** The value of an expression in the process. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    return (result as { value?: unknown }).value;
  }

  close(): void {
    this.socket.close();
  }
}

/** Rejects while there is no inspector there. */
async function addressBySignal(): Promise<string | undefined> {
  const targets = (await (await fetch(`${BY_SIGNAL}/json/list`)).json()) as { webSocketDebuggerUrl?: string }[];
  return targets[0]?.webSocketDebuggerUrl;
}
