import { z } from 'zod';
import type { ViewedSpan } from './trace-tree.js';

/** https://zipkin.io/zipkin-api/#/default/get_trace__traceId_ */
const zipkinTrace = z.array(
  z.object({
    id: z.string(),
    parentId: z.string().optional(),
    name: z.string().default(''),
    kind: z.string().default(''),
    timestamp: z.number().default(0),
    duration: z.number().default(0),
    localEndpoint: z.object({ serviceName: z.string() }),
  }),
);

/** The JSON that Jaeger's own page reads. */
const jaegerTrace = z.object({
  data: z.array(
    z.object({
      spans: z.array(
        z.object({
          spanID: z.string(),
          operationName: z.string(),
          references: z.array(z.object({ refType: z.string(), spanID: z.string() })),
          startTime: z.number(),
          duration: z.number(),
          processID: z.string(),
          tags: z.array(z.object({ key: z.string(), value: z.unknown() })),
        }),
      ),
      processes: z.record(z.string(), z.object({ serviceName: z.string() })),
    }),
  ),
});

/** Spans of Zipkin's answer; none when it has no such trace. */
export function zipkinSpans(answer: unknown): ViewedSpan[] {
  return zipkinTrace.parse(answer ?? []).map(({ timestamp, localEndpoint, ...span }) => ({
    ...span,
    start: timestamp,
    service: localEndpoint.serviceName,
  }));
}

/** Spans of Jaeger's answer; none when it has no such trace. */
export function jaegerSpans(answer: unknown): ViewedSpan[] {
  return jaegerTrace.parse(answer ?? { data: [] }).data.flatMap(({ spans, processes }) =>
    spans.map((span) => ({
      id: span.spanID,
      parentId: span.references.find((reference) => reference.refType === 'CHILD_OF')?.spanID,
      name: span.operationName,
      kind: String(span.tags.find((tag) => tag.key === 'span.kind')?.value ?? ''),
      start: span.startTime,
      duration: span.duration,
      service: processes[span.processID]?.serviceName ?? '',
    })),
  );
}
