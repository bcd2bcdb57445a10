import type { DescMethod } from '@bufbuild/protobuf';
import { Stream_Form } from '#libs/contracts';
import type { Json, JsonObject, Schema } from './json.js';
import type { ServedRpc } from './served-rpc.js';

/** Whether requests are a stream. */
export function sends({ methodKind }: DescMethod): boolean {
  return methodKind === 'client_streaming' || methodKind === 'bidi_streaming';
}

/** Whether responses are a stream. */
export function receives({ methodKind }: DescMethod): boolean {
  return methodKind === 'server_streaming' || methodKind === 'bidi_streaming';
}

/** Bytes of any type (google.api.HttpBody): OpenAPI leaves their schema out. */
export const RAW_CONTENT: JsonObject = { '*/*': {} };

/** A body that is a stream of messages. */
export function requestsContent(item: Schema): JsonObject {
  const schema = { type: 'string', description: 'Messages in JSON, one per line or one behind the other.' };
  return { 'application/x-ndjson': { schema, 'x-line': item }, 'application/json': { schema, 'x-item': item } };
}

/** OpenAPI knows no WebSocket: how the operation is reached by one, too. */
export function webSocketOf({ rpc, policy }: ServedRpc): JsonObject | undefined {
  if (rpc.methodKind !== 'bidi_streaming' && policy.stream?.form !== Stream_Form.WEBSOCKET) return undefined;
  return {
    subprotocol: 'gateway.v1.json',
    description:
      'Also over WebSocket, opened at the same path with GET: one message in JSON per text frame, an empty frame for the end.',
  };
}

/** The form for `Accept: *\/*` comes first. */
export function streamContent(item: Schema, form: Stream_Form | undefined): JsonObject {
  const events: [string, Json] = [
    'text/event-stream',
    {
      schema: {
        type: 'object',
        description:
          'Server-sent events, each as an object; an event `error` holds a problem document, `end` says that all is said.',
        properties: {
          event: { type: 'string' },
          id: { type: 'string', description: 'What Last-Event-ID takes.' },
          data: { type: 'string', contentMediaType: 'application/json' },
        },
      },
      'x-event-data': item,
    },
  ];
  const lines: [string, Json] = [
    'application/x-ndjson',
    { schema: { type: 'string', description: 'One message in JSON per line.' }, 'x-line': item },
  ];
  const array: [string, Json] = ['application/json', { schema: { type: 'array', items: item } }];
  const others = [events, lines, array];
  const first = form === Stream_Form.SSE ? events : form === Stream_Form.NDJSON ? lines : array;
  return Object.fromEntries([first, ...others.filter((other) => other !== first)]);
}
