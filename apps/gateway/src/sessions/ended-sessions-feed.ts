import { setTimeout as delay } from 'node:timers/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { type Client, type ClientReadableStream, Metadata } from '@grpc/grpc-js';
import { EndedSessions as Contract, type WatchEndedSessionsResponse } from '#libs/contracts';
import type { Log } from '#libs/service';
import type { EndedSessions } from './ended-sessions.js';

/** The contract promises a message a second: after five without one the connection counts as lost. */
const SILENCE_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

const { input, output, name } = Contract.method.watchEndedSessions;
const PATH = `/${Contract.typeName}/${name}`;
const REQUEST = Buffer.from(toBinary(input, create(input)));

export interface FeedOptions {
  readonly client: Client;
  /** Principal tokens of the gateway itself. */
  readonly token: () => Promise<string>;
  /** What it is told goes in here. */
  readonly ended: EndedSessions;
  readonly log: Log;
}

/** Watches the ended sessions of one issuer as long as the gateway runs; comes back when the stream is lost. */
export class EndedSessionsFeed {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly options: FeedOptions) {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.options.client.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let pause = FIRST_PAUSE_MS;
    let wasTold = true;
    while (!signal.aborted) {
      const { told, error } = await this.watchUntilLost();
      if (signal.aborted) return;
      if (told) pause = FIRST_PAUSE_MS;
      // Once per outage, not per try.
      if (wasTold || told) this.options.log.warn({ err: error }, 'feed of ended sessions lost');
      wasTold = told;
      // Jitter: not all replicas at once.
      await delay(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    }
  }

  /** Whether it was told anything, and what ended it. Never rejects. */
  private async watchUntilLost(): Promise<{ told: boolean; error?: unknown }> {
    let told = false;
    try {
      const stream = await this.open();
      const cancel = () => stream.cancel();
      const watchdog = setTimeout(cancel, SILENCE_MS);
      this.stopping.signal.addEventListener('abort', cancel, { once: true });
      try {
        for await (const message of stream) {
          watchdog.refresh();
          this.take(message);
          told = true;
        }
        return { told };
      } finally {
        clearTimeout(watchdog);
        this.stopping.signal.removeEventListener('abort', cancel);
        cancel();
      }
    } catch (error) {
      return { told, error };
    }
  }

  private async open(): Promise<ClientReadableStream<WatchEndedSessionsResponse>> {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await this.options.token()}`);
    const stream = this.options.client.makeServerStreamRequest(
      ...([PATH, () => REQUEST, (bytes: Buffer) => fromBinary(output, bytes), undefined, metadata] as const),
    );
    // Cancelling makes an error that nobody may be listening for any more.
    stream.on('error', () => {});
    return stream;
  }

  private take({ sessions, asOfTime }: WatchEndedSessionsResponse): void {
    const { ended } = this.options;
    for (const { sessionId, forgetTime } of sessions) {
      // One that is to be remembered for ever would fill the memory: it is the service's to say how long.
      if (forgetTime) ended.add(sessionId, timestampDate(forgetTime));
    }
    if (asOfTime) ended.toldUntil(timestampDate(asOfTime));
  }
}
