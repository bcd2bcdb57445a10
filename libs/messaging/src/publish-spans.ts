import { type Span, SpanKind, trace } from '@opentelemetry/api';
import { extractTraceContext, injectTraceContext, tracer } from '#libs/telemetry';
import type { OutboxRow } from './outbox.store.js';

/**
 * The PRODUCER spans of messages that are being sent: children of the trace that the outbox row carries, from the first
 * try to the one that succeeded. A message keeps its span over all tries, since any of them may have reached Kafka.
 */
export class PublishSpans {
  private readonly open = new Map<bigint, Span>();

  constructor(private readonly topicPrefix: string) {}

  /** The trace headers that the message takes along: consumers become children of its span. */
  start(row: OutboxRow): Record<string, string> {
    const parent = extractTraceContext(row.headers);
    const span =
      this.open.get(row.seq) ?? tracer('messaging').startSpan(`publish ${row.type}`, this.describe(row), parent);
    this.open.set(row.seq, span);
    return injectTraceContext(trace.setSpan(parent, span));
  }

  end(rows: readonly OutboxRow[]): void {
    for (const { seq } of rows) {
      this.open.get(seq)?.end();
      this.open.delete(seq);
    }
  }

  endAll(): void {
    for (const span of this.open.values()) span.end();
    this.open.clear();
  }

  // https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
  private describe(row: OutboxRow) {
    return {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': this.topicPrefix + row.aggregatetype,
        'messaging.message.id': row.id,
        'messaging.kafka.message.key': row.aggregateid,
        'cloudevents.event_type': row.type,
      },
    };
  }
}
