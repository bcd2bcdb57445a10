import type { Form } from './forms.js';

export interface StreamMessage {
  readonly json: Buffer;
  readonly id: string | undefined;
  /** Of a message that is bytes of this type, not JSON. */
  readonly contentType?: string | undefined;
}

export interface FrameOptions {
  readonly form: Form;
  readonly heartbeatMs: number;
  /** A failure as a problem document; undefined when the stream just ends, since nobody is to be told. */
  readonly tell: (error: unknown) => string | undefined;
  /** Called at the end, whatever ended it: cancels what is still running. */
  readonly stop: () => void;
}

/** A stream whose first message, or the time to wait for it, has come: from here on failures are frames. */
export interface StartedStream {
  readonly messages: AsyncIterator<StreamMessage, void>;
  readonly next: Promise<IteratorResult<StreamMessage, void>>;
}

/**
 * Waits for the first message, so that a failure before it is a real HTTP status: rejects with it. A stream that has
 * nothing to say yet is started all the same after `patienceMs`.
 */
export async function startStream(
  messages: AsyncIterator<StreamMessage, void>,
  patienceMs: number,
): Promise<StartedStream> {
  const next = messages.next();
  // Whoever takes it later handles its failure; nobody may, when the client goes away right now.
  next.catch(() => {});
  await settledWithin(next, patienceMs);
  return { messages, next };
}

/** The answer's bytes. Takes a message only when the one before has been taken: back-pressure reaches the service. */
export async function* frames({ messages, next }: StartedStream, options: FrameOptions): AsyncGenerator<string, void> {
  const { form, heartbeatMs, tell, stop } = options;
  let pending = next;
  let first = true;
  try {
    yield form.open;
    for (;;) {
      const settled = await settledWithin(pending, heartbeatMs);
      if (!settled) {
        if (form.beat) yield form.beat;
        continue;
      }
      if (settled.done) {
        if (form.end) yield form.end;
        break;
      }
      yield form.message(settled.value.json, { id: settled.value.id, first });
      first = false;
      pending = messages.next();
    }
  } catch (error) {
    const problem = tell(error);
    if (problem === undefined) return;
    yield form.error(problem, first);
  } finally {
    stop();
    await messages.return?.();
  }
  yield form.close;
}

/** What the promise settles with; undefined when it takes longer. */
async function settledWithin<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
