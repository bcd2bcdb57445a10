const shown = new Set(['warn', 'error', 'fatal']);
const known = new Set(['level', 'time', 'service', 'msg', 'context', 'trace_id', 'span_id', 'err', 'pid', 'hostname']);

/**
 * What a person at the terminal is told of one line of an app's log: warnings and errors in one readable line, and whatever
 * is no JSON (Node's own last words). Undefined = not worth telling.
 */
export function lineForPeople(app: string, line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const entry = parse(line);
  if (entry === undefined) return `${app} | ${line}`;
  if (!shown.has(String(entry.level))) return undefined;
  const fields = Object.entries(entry).filter(([name]) => !known.has(name));
  const details = fields.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const parts = [String(entry.level).toUpperCase(), text(entry.msg), errorText(entry.err), ...details];
  return `${app} | ${parts.filter(Boolean).join('  ')}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  return 'message' in error ? `(${text(error.message)})` : '';
}
