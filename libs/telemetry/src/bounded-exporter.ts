import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/**
 * An exporter whose receiver may never answer: at most so many batches wait for it, and those that come meanwhile fail at once and
 * are dropped. For exporters that know neither a time limit nor a limit of their own - the OTLP ones have both - whose waiting
 * batches would otherwise be kept for as long as the receiver says nothing.
 */
export class BoundedExporter implements SpanExporter {
  private waiting = 0;

  /** @param limit batches */
  constructor(
    private readonly exporter: SpanExporter,
    private readonly limit: number,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    if (this.waiting >= this.limit) {
      const error = new Error(
        `${this.limit} batches of spans wait for the trace receiver; ${spans.length} spans dropped`,
      );
      done({ code: ExportResultCode.FAILED, error });
      return;
    }
    this.waiting += 1;
    this.exporter.export(spans, (result) => {
      this.waiting -= 1;
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}
