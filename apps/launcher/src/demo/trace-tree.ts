/** A span as both trace viewers tell it; times in microseconds. */
export interface ViewedSpan {
  id: string;
  parentId?: string;
  service: string;
  name: string;
  kind: string;
  start: number;
  duration: number;
}

/**
 * Draws a trace as an indented tree, children in the order in which they began, with how long after the first span they did.
 * A span whose parent is missing stands at the top, marked. Calls to the database are only counted: they would hide the rest.
 */
export function drawTrace(spans: readonly ViewedSpan[]): string {
  const ids = new Set(spans.map((span) => span.id));
  const isTop = (span: ViewedSpan) => span.parentId === undefined || !ids.has(span.parentId);
  const begin = Math.min(...spans.map((span) => span.start));
  const lines = spans
    .filter(isTop)
    .sort(byStart)
    .flatMap((span) => branch(span, ''));
  return lines.join('\n');

  function branch(span: ViewedSpan, indent: string): string[] {
    const below = spans.filter((other) => other.parentId === span.id).sort(byStart);
    const children = below.filter((child) => !isDatabase(child));
    const notes = [
      ...(below.length > children.length ? [`+ ${below.length - children.length} database spans`] : []),
      ...(isTop(span) && span.parentId !== undefined ? ['its parent is missing'] : []),
    ];
    const kind = span.kind ? ` (${span.kind.toLowerCase()})` : '';
    const times = `+${milliseconds(span.start - begin)}  ${milliseconds(span.duration)}`;
    const line = [`${times}  ${indent}${span.service}: ${span.name}${kind}`, ...notes].join('  ');
    return [line, ...children.flatMap((child) => branch(child, `${indent}  `))];
  }
}

// Names that the instrumentation of pg gives.
const isDatabase = ({ name }: ViewedSpan) => /^pg(-pool)?\./.test(name);
const byStart = (a: ViewedSpan, b: ViewedSpan) => a.start - b.start;
const milliseconds = (microseconds: number) => `${(microseconds / 1000).toFixed(1).padStart(8)} ms`;
