import { type FieldPath, jsonPath, type PathTemplate, type Route } from '#libs/transcoding';

/** One place of a path that a client fills. */
export interface PathPlace {
  readonly name: string;
  /** The field that it fills, when it is that field's whole value. */
  readonly field: FieldPath | undefined;
  readonly takesSlashes: boolean;
}

export interface OpenApiPath {
  readonly text: string;
  readonly places: readonly PathPlace[];
}

/**
 * A path template as OpenAPI has it: a variable of several segments, `{name=shelves/*\/books/*}`, becomes
 * `shelves/{shelvesId}/books/{booksId}`, as in Google's own discovery documents; `**` is one place that takes slashes.
 */
export function openApiPath({ template, variables }: Route): OpenApiPath {
  const places: PathPlace[] = [];
  const add = (wanted: string, field: FieldPath | undefined, takesSlashes = false) => {
    const same = places.filter(({ name }) => name === wanted || name.startsWith(`${wanted}_`)).length;
    const name = same === 0 ? wanted : `${wanted}_${same + 1}`;
    places.push({ name, field, takesSlashes });
    return `{${name}}`;
  };
  const segments = template.segments.map((segment, index) => {
    if (segment.kind === 'literal') return segment.text;
    const at = template.variables.findIndex(({ from, to }) => index >= from && (to === undefined || index < to));
    const variable = template.variables[at];
    const before = template.segments[index - 1];
    const field = variables[at];
    const name = field ? (field.at(-1)?.jsonName ?? jsonPath(field)) : 'segment';
    if (segment.kind === 'rest') return add(name, wholeOf(template, index, field), true);
    if (field && !variable?.multiSegment) return add(name, field);
    return add(before?.kind === 'literal' ? `${before.text}Id` : name, undefined);
  });
  const verb = template.verb === undefined ? '' : `:${template.verb}`;
  return { text: `/${segments.join('/')}${verb}`, places };
}

/** The path under the names that another route has for the same places: OpenAPI takes both for one path. */
export function namedLike({ places }: OpenApiPath, other: OpenApiPath): OpenApiPath {
  const renamed = places.map((place, index) => ({ ...place, name: other.places[index]?.name ?? place.name }));
  return { text: other.text, places: renamed };
}

/** The same for all paths that differ in nothing but the names of their places. */
export function shapeOf({ text }: OpenApiPath): string {
  return text.replace(/\{[^}]*\}/g, '{}');
}

/** The field of a `**` that is a variable's whole pattern. */
function wholeOf({ variables }: PathTemplate, index: number, field: FieldPath | undefined): FieldPath | undefined {
  return variables.some(({ from, to }) => from === index && to === undefined) ? field : undefined;
}
