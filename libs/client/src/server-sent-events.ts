export interface ServerSentEvent {
  id?: string;
  /** "message" unless the server names it. */
  event: string;
  data: string;
}

/**
 * Reads a text/event-stream answer, one event at a time, until the server ends it; an event that is cut off is dropped.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader(); // not every browser can iterate over a stream
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // a stream that has failed has nothing to cancel
  }
}

/** Undefined for a block without data, such as a heartbeat comment. */
function parseEvent(block: string): ServerSentEvent | undefined {
  const fields = block.split('\n').map((line) => /^([^:]+): ?(.*)$/.exec(line));
  const values = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []));
  const data = values('data');
  if (data.length === 0) return undefined;
  const id = values('id').at(-1);
  return { ...(id !== undefined && { id }), event: values('event').at(-1) ?? 'message', data: data.join('\n') };
}
