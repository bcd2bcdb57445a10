import type { Client, ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import type { CancelSignal } from '#libs/calls';
import { asBuffer, asIs } from './as-buffer.js';

export interface Conversation {
  readonly client: Client;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly metadata: Metadata;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** Cancels the call. */
  readonly signal: CancelSignal;
  /** Messages as protobuf; each is asked for when the one before has left. */
  readonly requests: AsyncGenerator<Uint8Array, void, void>;
}

/**
 * A call whose requests are a stream, whether its responses are one or not: on the wire that is the same. Gives the responses
 * as fast as they are taken, while requests go out as fast as the service takes them. It ends when the service ends it, whatever is
 * left to be sent. Throws grpc-js's ServiceError, or what `requests` threw, which cancels the call.
 */
export async function* converse({ requests, signal, ...call }: Conversation): AsyncGenerator<Uint8Array, void, void> {
  const { client, path, metadata, deadline } = call;
  const running: ClientDuplexStream<Uint8Array, Buffer> = client.makeBidiStreamRequest(
    ...([path, asBuffer, asIs, metadata, { deadline }] as const),
  );
  // Cancelling makes an error that nobody may be listening for any more.
  running.on('error', () => {});
  const cancel = () => running.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const sending = new Sending(running, requests);
  try {
    yield* running;
  } catch (error) {
    throw sending.failure ?? error;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
    sending.stop();
  }
}

/** Sends one message after another, each once the one before has been let out by the peer's windows. */
class Sending {
  /** Why there are no more requests, where something has broken them off. */
  failure: unknown;
  private readonly over = Promise.withResolvers<void>();
  private isOver = false;

  constructor(
    private readonly call: ClientDuplexStream<Uint8Array, Buffer>,
    private readonly requests: AsyncGenerator<Uint8Array, void, void>,
  ) {
    void this.run();
  }

  stop(): void {
    this.isOver = true;
    this.over.resolve();
    // Where it waits for a request, it hears of this when that has come or can no longer come.
    this.requests.return().catch(() => {});
  }

  private async run(): Promise<void> {
    try {
      for await (const bytes of this.requests) {
        if (this.isOver) return;
        await Promise.race([this.sent(bytes), this.over.promise]);
      }
      if (!this.isOver) this.call.end();
    } catch (error) {
      this.failure = this.isOver ? undefined : error;
      this.call.cancel();
    }
  }

  private sent(bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.call.write(bytes, () => resolve());
    return promise;
  }
}
