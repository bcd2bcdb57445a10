import { Code } from '#libs/contracts';
import type { EncodedResponse, RequestMessage } from '#libs/transcoding';
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
  { form, message, codec }: Resumable,
  open: (request: Uint8Array) => AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamMessage, void, void> {
  const { resume } = form;
  let last: string | undefined;
  let request = message;
  for (let resumedAt: string | undefined; ; resumedAt = last) {
    try {
      for await (const bytes of open(request.bytes)) {
        const response = codec.encode(bytes);
        const id = idOf(response, form);
        if (id !== undefined) last = id;
        yield { json: response.json, id, contentType: response.contentType };
      }
      return;
    } catch (error) {
      if (!resume || last === undefined || last === resumedAt || !isBroken(error)) throw error;
      request = message.with(resume, last);
    }
  }
}

/** What a client names the message by when it asks for those after it. */
export function idOf(response: Pick<EncodedResponse, 'text'>, { eventId }: StreamForm): string | undefined {
  return eventId && response.text(eventId);
}

const isBroken = (error: unknown) => error instanceof UpstreamFailure && error.received.grpc === Code.UNAVAILABLE;
