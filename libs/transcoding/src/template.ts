/** One segment of a path, as a template asks for it. */
export type TemplateSegment =
  /** Percent-encoded as it stands in a path: what may stand there unencoded, is not. */
  | { readonly kind: 'literal'; readonly text: string }
  /** `*` inside a variable; `{name}` is short for `{name=*}`. */
  | { readonly kind: 'variable' }
  /** `*` outside of variables. */
  | { readonly kind: 'star' }
  /** `**`: zero or more segments; always the last. */
  | { readonly kind: 'rest' };

/** The segments `from` (inclusive) to `to` (exclusive; undefined: to the end) are the value of a field. */
export interface TemplateVariable {
  readonly fieldPath: string;
  readonly from: number;
  readonly to: number | undefined;
  /** More than one segment: `%2F` stays encoded in the value, so that it differs from the slashes between segments. */
  readonly multiSegment: boolean;
}

/** A path template of google.api.HttpRule, taken apart. */
export interface PathTemplate {
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  readonly variables: readonly TemplateVariable[];
  /** The custom verb after the last colon, without it; percent-encoded as literals are. */
  readonly verb: string | undefined;
}

type Fail = (problem: string) => never;

const FIELD_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
/** What RFC 3986 does not let stand in a segment of a path as it is (3.3, pchar). */
const NO_PCHAR = /[^\w.~!$&'()*+,;=:@%-]+/gu;
const ENCODED = /%[0-9a-f]{2}/gi;

/** Parses the grammar of google/api/http.proto ("Path template syntax"). Throws an Error that quotes the template. */
export function parseTemplate(text: string): PathTemplate {
  const fail: Fail = (problem) => {
    throw new Error(`path template "${text}": ${problem}`);
  };
  if (!text.startsWith('/')) fail('must start with "/"');
  const { path, verb } = splitVerb(text);
  const segments: TemplateSegment[] = [];
  const variables: TemplateVariable[] = [];
  for (const piece of piecesOf(path)) {
    if (!piece.startsWith('{')) {
      segments.push(toSegment(piece, 'star', fail));
      continue;
    }
    const { fieldPath, pattern } = splitVariable(piece, fail);
    const inner = pattern.split('/').map((part) => toSegment(part, 'variable', fail));
    const endsWithRest = inner.at(-1)?.kind === 'rest';
    variables.push({
      fieldPath,
      from: segments.length,
      to: endsWithRest ? undefined : segments.length + inner.length,
      multiSegment: endsWithRest || inner.length > 1,
    });
    segments.push(...inner);
  }
  const rest = segments.findIndex(({ kind }) => kind === 'rest');
  if (rest !== -1 && rest !== segments.length - 1) fail('"**" must be the last segment');
  return { text, segments, variables, verb: verb === undefined ? undefined : toVerb(verb, fail) };
}

/** `…:verb`; a colon in a variable's pattern or in an earlier segment is part of a literal. */
function splitVerb(text: string): { path: string; verb?: string } {
  const colon = text.lastIndexOf(':');
  if (colon < Math.max(text.lastIndexOf('/'), text.lastIndexOf('}'))) return { path: text };
  return { path: text.slice(0, colon), verb: text.slice(colon + 1) };
}

/** The texts between the slashes that are outside of variables. */
function piecesOf(path: string): string[] {
  const pieces: string[] = [];
  let [start, depth] = [1, 0];
  for (let at = 1; at < path.length; at++) {
    if (path[at] === '{') depth++;
    else if (path[at] === '}') depth--;
    else if (path[at] === '/' && depth === 0) {
      pieces.push(path.slice(start, at));
      start = at + 1;
    }
  }
  return [...pieces, path.slice(start)];
}

/** `{path}` or `{path=pattern}`. */
function splitVariable(piece: string, fail: Fail): { fieldPath: string; pattern: string } {
  const [, fieldPath = '', pattern = '*'] = /^\{([^=]*?)(?:=(.*))?\}$/s.exec(piece) ?? [];
  if (pattern.includes('{')) fail(`"${piece}": a variable holds no other variable`);
  if (!FIELD_PATH.test(fieldPath)) fail(`"${piece}" is no variable`);
  return { fieldPath, pattern };
}

function toSegment(part: string, star: 'variable' | 'star', fail: Fail): TemplateSegment {
  if (part === '*') return { kind: star };
  if (part === '**') return { kind: 'rest' };
  if (part === '.' || part === '..') fail(`"${part}" never arrives: clients resolve it before they send a path`);
  return { kind: 'literal', text: toLiteral(part, fail) };
}

function toLiteral(part: string, fail: Fail): string {
  // A star within a literal would look like a pattern, and be none.
  if (part === '' || /[{}*]/.test(part)) fail(`"${part}" is no segment`);
  if (/%(?![0-9a-f]{2})/i.test(part) || !part.isWellFormed()) fail(`"${part}" has a broken percent-encoding`);
  return normalEncoding(part.replace(NO_PCHAR, encodeURIComponent));
}

function toVerb(verb: string, fail: Fail): string {
  if (verb === '') fail('the verb after ":" is empty');
  return toLiteral(verb, fail);
}

/** With digits of percent-encodings in upper case, which is the one way to write them (RFC 3986, 2.1). */
export function normalEncoding(text: string): string {
  return text.replace(ENCODED, (encoded) => encoded.toUpperCase());
}
