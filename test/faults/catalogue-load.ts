import { setTimeout as delay } from 'node:timers/promises';

export interface CatalogueLoadOptions {
  readonly url: string;
  /** Of an administrator. */
  readonly token: string;
  readonly sku: string;
  /** So many that read, and a third as many that change. */
  readonly readers: number;
  /** Between two requests of one of them. */
  readonly thinkMs: number;
}

/** What a client asks the gateway to be done by (`Request-Timeout`). */
const DEADLINE_MS = 5_000;
/** On top of the deadline: two cores that start a service meanwhile. */
const SLACK_MS = 1_500;

/**
 * Clients that read a product, which may be repeated, and clients that adjust its stock, which may not. No client sends anything
 * twice: what is not answered as it should be is kept.
 */
export class CatalogueLoad {
  /** Reads that were not answered 200, and changes that were answered otherwise than 200 or a 503 that says when to come again. */
  readonly failures: string[] = [];
  reads = 0;
  changes = 0;
  /** Changes that were answered 503. */
  refused = 0;
  slowestMs = 0;
  private running = true;
  private readonly workers: Promise<void>[];

  constructor(private readonly options: CatalogueLoadOptions) {
    const { readers } = options;
    const read = Array.from({ length: readers }, () => this.work(() => this.read()));
    const change = Array.from({ length: Math.ceil(readers / 3) }, () => this.work(() => this.change()));
    this.workers = [...read, ...change];
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.workers);
  }

  private async work(send: () => Promise<void>): Promise<void> {
    while (this.running) {
      await send();
      await delay(this.options.thinkMs);
    }
  }

  private async read(): Promise<void> {
    const answer = await this.send('GET', `/v1/products/${this.options.sku}`);
    if (answer?.status === 200) this.reads += 1;
    else if (answer) this.failures.push(`a read: ${await described(answer)}`);
  }

  private async change(): Promise<void> {
    const body = JSON.stringify({ warehouse: 'main', delta: 1, reason: 'delivery' });
    const answer = await this.send('POST', `/v1/products/${this.options.sku}:adjustStock`, body);
    if (answer?.status === 200) this.changes += 1;
    else if (answer?.status === 503 && Number(answer.headers.get('retry-after')) >= 1) this.refused += 1;
    else if (answer) this.failures.push(`a change: ${await described(answer)}`);
  }

  /** Undefined when there was no answer. */
  private async send(method: string, path: string, body?: string): Promise<Response | undefined> {
    const { url, token } = this.options;
    const begun = Date.now();
    try {
      const answer = await fetch(url + path, {
        method,
        body: body ?? null,
        headers: {
          authorization: `Bearer ${token}`,
          'request-timeout': String(DEADLINE_MS / 1000),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(DEADLINE_MS + SLACK_MS),
      });
      await answer.clone().arrayBuffer();
      return answer;
    } catch (error) {
      this.failures.push(`${method} ${path}: no answer after ${Date.now() - begun} ms: ${String(error)}`);
      return undefined;
    } finally {
      this.slowestMs = Math.max(this.slowestMs, Date.now() - begun);
    }
  }
}

const described = async (answer: Response): Promise<string> =>
  `${answer.status} ${answer.headers.get('retry-after') ?? '(no retry-after)'} ${await answer.text()}`;
