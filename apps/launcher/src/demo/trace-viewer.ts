import { waitFor } from '#libs/embedded';
import type { ViewedSpan } from './trace-tree.js';
import { jaegerSpans, zipkinSpans } from './viewer-formats.js';

/** A trace viewer that can be asked for a trace. */
export interface TraceViewer {
  name: 'Zipkin' | 'Jaeger';
  /** Page of the trace for a browser. */
  link(traceId: string): string;
  /** Its spans so far; none when it does not know the trace yet. */
  spans(traceId: string): Promise<ViewedSpan[]>;
}

/** Finds out which viewer serves at this URL; undefined when none answers. */
export async function viewerAt(url: string): Promise<TraceViewer | undefined> {
  if (await json(`${url}/api/v2/services`)) return zipkin(url);
  if (await json(`${url}/api/services`)) return jaeger(url);
  return undefined;
}

const zipkin = (url: string): TraceViewer => ({
  name: 'Zipkin',
  link: (traceId) => `${url}/zipkin/traces/${traceId}`,
  spans: async (traceId) => zipkinSpans(await json(`${url}/api/v2/trace/${traceId}`)),
});

const jaeger = (url: string): TraceViewer => ({
  name: 'Jaeger',
  link: (traceId) => `${url}/trace/${traceId}`,
  spans: async (traceId) => jaegerSpans(await json(`${url}/api/traces/${traceId}`)),
});

/**
 * Waits for the span that ends the trace and for all parents - apps send spans in batches, seconds apart - and gives what is there
 * then; after 30 s whatever there is.
 */
export async function completeTrace(viewer: TraceViewer, traceId: string, lastSpan: RegExp): Promise<ViewedSpan[]> {
  let spans: ViewedSpan[] = [];
  const look = async () => {
    spans = await viewer.spans(traceId);
    const ids = new Set(spans.map((span) => span.id));
    const whole = spans.every(({ parentId }) => parentId === undefined || ids.has(parentId));
    return whole && spans.some(({ name }) => lastSpan.test(name));
  };
  // What has come until then is shown, whole or not.
  await waitFor(look, { timeout: 30_000, interval: 500, what: `trace ${traceId}` }).catch(() => {});
  return spans;
}

/** The JSON at a URL; undefined when it cannot be had, or is a page for people. */
async function json(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return response.ok && isJson ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
