/** One segment of a path, as a template asks for it. */
export type TemplateSegment =
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
  /** The custom verb after the last colon, without it. */
  readonly verb: string | undefined;
}

const FIELD_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const VERB = /^(.*):([^/:{}*]+)$/s;

/** Parses the grammar of google/api/http.proto ("Path template syntax"). Throws an Error that quotes the template. */
export function parseTemplate(text: string): PathTemplate {
  const fail: (problem: string) => never = (problem) => {
    throw new Error(`path template "${text}": ${problem}`);
  };
  if (!text.startsWith('/')) fail('must start with "/"');
  const withVerb = VERB.exec(text);
  const pieces = splitOutsideBraces((withVerb?.[1] ?? text).slice(1));
  const segments: TemplateSegment[] = [];
  const variables: TemplateVariable[] = [];
  for (const piece of pieces) {
    const variable = piece.startsWith('{') ? parseVariable(piece) : undefined;
    if (variable === null) fail(`"${piece}" is no variable`);
    if (!variable) {
      segments.push(toSegment(piece, 'star'));
      continue;
    }
    const inner = variable.pattern.split('/').map((part) => toSegment(part, 'variable'));
    const endsWithRest = inner.at(-1)?.kind === 'rest';
    variables.push({
      fieldPath: variable.fieldPath,
      from: segments.length,
      to: endsWithRest ? undefined : segments.length + inner.length,
      multiSegment: endsWithRest || inner.length > 1,
    });
    segments.push(...inner);
  }
  check(segments, variables, fail);
  return { text, segments, variables, verb: withVerb?.[2] };

  function toSegment(part: string, star: 'variable' | 'star'): TemplateSegment {
    if (part === '*') return { kind: star };
    if (part === '**') return { kind: 'rest' };
    if (part === '' || /[{}*]/.test(part)) fail(`"${part}" is no segment`);
    return { kind: 'literal', text: part };
  }
}

function check(segments: TemplateSegment[], variables: TemplateVariable[], fail: (problem: string) => never): void {
  const rest = segments.findIndex(({ kind }) => kind === 'rest');
  if (rest !== -1 && rest !== segments.length - 1) fail('"**" must be the last segment');
  const names = variables.map(({ fieldPath }) => fieldPath);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fail(`"${twice}" is bound twice`);
}

/** `{path}` or `{path=pattern}`; null when it is neither. */
function parseVariable(piece: string): { fieldPath: string; pattern: string } | null {
  if (!piece.endsWith('}')) return null;
  const [fieldPath = '', ...pattern] = piece.slice(1, -1).split('=');
  if (!FIELD_PATH.test(fieldPath) || pattern.length > 1) return null;
  return { fieldPath, pattern: pattern[0] ?? '*' };
}

function splitOutsideBraces(path: string): string[] {
  return path.split(/\/(?![^{]*\})/);
}
