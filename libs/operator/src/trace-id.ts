/** The trace id in W3C trace headers (https://www.w3.org/TR/trace-context/#traceparent-header); empty without one. */
export const traceIdOf = ({ traceparent = '' }: Readonly<Record<string, string>>): string =>
  /^[\da-f]{2}-([\da-f]{32})-/.exec(traceparent)?.[1] ?? '';
