import { Code } from '#libs/contracts';
import type { RequestMessage } from '#libs/transcoding';
import type { BoundRoute, StreamForm } from '../operations/operation.js';
import { UpstreamFailure } from '../problems/failure.js';
import type { StreamMessage } from '../streams/frames.js';

interface Resumable {
  readonly form: StreamForm;
  readonly message: RequestMessage;
  readonly codec: BoundRoute['codec'];
}

/**
 * The messages of a stream, over the end of the replica that sends it: where the policy names a field to resume by, it is
 * opened again after the last message that came. Only as long as that brings something new.
 */
export async function* resumed(
  { form: { eventId, resume }, message, codec }: Resumable,
  open: (request: Uint8Array) => AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamMessage, void, void> {
  let last: string | undefined;
  let request = message;
  for (let resumedAt: string | undefined; ; resumedAt = last) {
    try {
      for await (const bytes of open(request.bytes)) {
        const response = codec.encode(bytes);
        const id = eventId && response.text(eventId);
        if (id !== undefined) last = id;
        yield { json: response.json, id };
      }
      return;
    } catch (error) {
      if (!resume || last === undefined || last === resumedAt || !isBroken(error)) throw error;
      request = message.with(resume, last);
    }
  }
}

const isBroken = (error: unknown) => error instanceof UpstreamFailure && error.received.grpc === Code.UNAVAILABLE;
