import type { Span } from './span-collector.js';

/** Spans that name a parent which is not in the trace. */
export function orphans(spans: readonly Span[]): Span[] {
  const ids = new Set(spans.map((span) => span.id));
  return spans.filter((span) => span.parentId !== undefined && !ids.has(span.parentId));
}

export function roots(spans: readonly Span[]): Span[] {
  return spans.filter((span) => span.parentId === undefined);
}

/** The span's parents, nearest first. */
export function ancestors(spans: readonly Span[], span: Span): Span[] {
  const parent = spans.find((other) => other.id === span.parentId && !(other.id === span.id));
  return parent ? [parent, ...ancestors(spans, parent)] : [];
}

/** The trace as an indented text, for a person who reads a failed test. */
export function drawTree(spans: readonly Span[], parentId?: string, depth = 0): string {
  return spans
    .filter((span) => span.parentId === parentId)
    .map((span) => {
      const {
        'error.type': error,
        'otel.status_description': described,
        'rpc.grpc.status_code': code,
      } = span.tags ?? {};
      const said = [code === '0' ? undefined : code, error, described].filter(Boolean).join(' ');
      const line = `[${span.localEndpoint.serviceName}] ${span.kind ?? ''} ${span.name} ${said}`;
      return `${'  '.repeat(depth)}${line.trimEnd()}\n${drawTree(spans, span.id, depth + 1)}`;
    })
    .join('');
}
