import { isUtf8 } from 'node:buffer';

const NOT_UTF8 = '\ud800';

/**
 * url.ParseQuery: the parameters in order, by their names. Undefined where something is wrong with any of them: a broken
 * percent-encoding, or a semicolon. What is no UTF-8 becomes text that is not well formed: it may be of a parameter that nobody
 * wants.
 */
export function goQuery(query: string): Map<string, string[]> | undefined {
  const parameters = new Map<string, string[]>();
  if (query.includes(';')) return undefined;
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeParameter(equals < 0 ? pair : pair.slice(0, equals));
    const value = decodeParameter(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}

function decodeParameter(text: string): string | undefined {
  const spaced = text.replaceAll('+', ' ');
  if (/%(?![0-9a-fA-F]{2})/.test(spaced)) return undefined;
  return decodeBytes(spaced);
}

/** Percent-decodes what is well formed; for bytes that are no UTF-8 stands half a surrogate pair. */
export function decodeBytes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    return isUtf8(bytes) ? bytes.toString('utf8') : NOT_UTF8;
  });
}
