import { SpanKind } from '@opentelemetry/api';
import { extractTraceContext, withSpan } from '#libs/telemetry';
import type { IncomingMessage } from './kafka/consumer.js';

/** Runs one try of a handler in a CONSUMER span, a child of the span that published the message. */
export function inProcessSpan<T>(
  message: IncomingMessage,
  { id, type, consumer, attempt }: { id: string; type: string; consumer: string; attempt: number },
  work: () => Promise<T>,
): Promise<T> {
  const options = {
    kind: SpanKind.CONSUMER,
    scope: 'messaging',
    context: extractTraceContext(message.headers),
    // https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': message.topic,
      'messaging.destination.partition.id': String(message.partition),
      'messaging.consumer.group.name': consumer,
      'messaging.kafka.offset': Number(message.offset),
      'messaging.message.id': id,
      'messaging.message.delivery_attempt': attempt,
      'cloudevents.event_type': type,
    },
  };
  return withSpan(`process ${type}`, options, work);
}
