import { type AnyValue, logs, SeverityNumber } from '@opentelemetry/api';

const SEVERITIES = new Map<unknown, SeverityNumber>([
  ['trace', SeverityNumber.TRACE],
  ['debug', SeverityNumber.DEBUG],
  ['info', SeverityNumber.INFO],
  ['warn', SeverityNumber.WARN],
  ['error', SeverityNumber.ERROR],
  ['fatal', SeverityNumber.FATAL],
]);

/**
 * How to send finished log lines to a collector as well, where OTEL_LOGS_EXPORTER asks for it; undefined elsewhere. It
 * takes what was written, so that nothing leaves this way that was redacted on the other. Call it while the span of the
 * line is active: the record gets its ids.
 */
export function logLineSender(env: NodeJS.ProcessEnv = process.env): ((line: string) => void) | undefined {
  const exporter = env.OTEL_LOGS_EXPORTER?.trim() || 'none';
  return exporter === 'none' ? undefined : send;
}

function send(line: string): void {
  // The ids and the service are the record's own.
  const {
    level,
    time,
    msg,
    service: _service,
    trace_id: _traceId,
    span_id: _spanId,
    ...fields
  } = JSON.parse(line) as Record<string, AnyValue>;
  logs.getLogger('app').emit({
    severityText: String(level),
    severityNumber: SEVERITIES.get(level) ?? SeverityNumber.UNSPECIFIED,
    timestamp: Date.parse(String(time)),
    body: String(msg ?? ''),
    attributes: fields,
  });
}
