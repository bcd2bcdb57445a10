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
 * Waits until no new span of the trace has come for 3 s - apps send them in batches - and gives them.
 * @throws after 45 s
 */
export async function completeTrace(viewer: TraceViewer, traceId: string): Promise<ViewedSpan[]> {
  let spans: ViewedSpan[] = [];
  let lastGrowth = performance.now();
  const look = async () => {
    const now = await viewer.spans(traceId);
    if (now.length > spans.length) lastGrowth = performance.now();
    spans = now;
    return spans.length > 0 && performance.now() - lastGrowth > 3000;
  };
  await waitFor(look, { timeout: 45_000, interval: 500, what: `trace ${traceId} in ${viewer.name}` });
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
