import type { StreamMessage } from './frames.js';

/** A stream of google.api.HttpBody whose first message has come: its type is that of the answer. */
export interface StartedBytes {
  readonly contentType: string;
  readonly bytes: AsyncGenerator<Buffer, void>;
}

/**
 * Waits for the first message, so that a failure before it is a real HTTP status: rejects with it. A failure later is thrown by
 * `bytes`: there is no way to tell of it among bytes, so the answer is to be broken off.
 */
export async function startBytes(
  messages: AsyncGenerator<StreamMessage, void>,
  { failed, stop }: { failed: (error: unknown) => void; stop: () => void },
): Promise<StartedBytes> {
  const first = await messages.next();
  async function* bytes(): AsyncGenerator<Buffer, void> {
    try {
      for (let next = first; !next.done; next = await messages.next()) yield next.value.json;
    } catch (error) {
      failed(error);
      throw error;
    } finally {
      stop();
      await messages.return();
    }
  }
  return { contentType: (!first.done && first.value.contentType) || 'application/octet-stream', bytes: bytes() };
}
