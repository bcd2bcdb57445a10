import { isUtf8 } from 'node:buffer';
import type { DescField, Registry } from '@bufbuild/protobuf';
import { REQUEST_RULES } from '../dialect.js';
import type { HttpInput, ReaderOptions } from '../request.js';
import { RequestMessage } from '../request-message.js';
import type { Route } from '../route.js';
import { ended } from './ended.js';
import { FieldSetter, mark } from './field-setter.js';
import { giveUp } from './give-up.js';
import { MaskWriter } from './mask-writer.js';
import { Output } from './output.js';
import { parseCompiler, type RequestPrograms } from './parse-compiler.js';
import { doubt, segments } from './parse-runtime.js';
import { PathVariables } from './path-variables.js';
import { space } from './read-json.js';
import { ResourceWriter } from './resource-writer.js';
import { textWriter } from './text-writers.js';

const output = new Output(16_384);

/** The parts of a route's programs. */
interface Parts {
  readonly programs: RequestPrograms;
  readonly variables: PathVariables;
  /** Where variables fill a part of the field that is the body. */
  readonly resource: ResourceWriter | undefined;
  readonly mask: MaskWriter | undefined;
}

/** Reads the requests of a route by compiled code. */
export class CompiledRequests {
  private readonly parameters = new Map<string, FieldSetter>();
  private readonly isGo: boolean;

  private constructor(
    private readonly route: Route,
    private readonly parts: Parts,
    { rules = REQUEST_RULES.strict, reserved }: ReaderOptions,
  ) {
    this.isGo = rules.isGo;
    const taken = new Set([...route.variables.map(([field]) => field), route.body, ...(reserved ?? [])]);
    if (route.body === 'whole') return;
    for (const field of route.rpc.input.fields) {
      const setter = taken.has(field) ? undefined : this.setter(field);
      if (setter) this.parameters.set(field.name, setter).set(field.jsonName, setter);
    }
  }

  /** Undefined where a route's requests are for reflection alone. */
  static of(route: Route, registry: Registry, options: ReaderOptions = {}): CompiledRequests | undefined {
    const { rpc, body, variables } = route;
    const { rules = REQUEST_RULES.strict, reserved } = options;
    // The server's own field may lie deeper: then nothing around it may be in the body or the path.
    if (reserved && [body, ...variables.map(([field]) => field)].includes(reserved[0])) return undefined;
    const mask = rules.fillsMask ? MaskWriter.of(route) : undefined;
    const bodyField = typeof body === 'object' ? body : undefined;
    const own = PathVariables.of(route, bodyField, false);
    const ofResource = PathVariables.of(route, bodyField, true);
    const programs = parseCompiler(registry).request(rpc.input, bodyField, reserved?.[0]);
    if (mask === 'reflection' || !programs || !own || !ofResource) return undefined;
    // Go reads texts in its own way, and makes other masks.
    if (rules.isGo && (mask || !ofResource.isEmpty || !isFlat(route))) return undefined;
    const resource = ofResource.isEmpty ? undefined : ResourceWriter.of(bodyField, ofResource, registry);
    if (!ofResource.isEmpty && !resource) return undefined;
    return new CompiledRequests(route, { programs, variables: own, resource, mask }, options);
  }

  /** Undefined where reflection has to read the request: it is unusual, or wrong. */
  read(input: HttpInput): RequestMessage | undefined {
    const { body } = input;
    if (body.length > 0 && (this.route.body === 'none' || !isUtf8(body))) return undefined;
    if (this.isGo && isUnlikeGo(this.route, input)) return undefined;
    try {
      let end: number;
      do end = this.write(input);
      while (!output.holds(end));
      return new RequestMessage(this.route.rpc.input, Buffer.from(output.buffer.subarray(0, end)), !doubt.any);
    } catch {
      // Whatever it was: reflection says what is wrong, or that nothing is.
      return undefined;
    } finally {
      output.release();
    }
  }

  private write({ variables, query, body }: HttpInput): number {
    const { programs, resource, mask } = this.parts;
    const { whole, field } = programs;
    const { buffer } = output;
    segments.count = 0;
    doubt.any = false;
    programs.given.fill(0);
    const b = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    let w = resource ? resource.write({ variables, body: b, program: programs }, buffer) : 0;
    w = this.parts.variables.write(variables, programs, buffer, w);
    if (query !== '') w = this.query(query, w);
    if (this.route.body === 'whole' && b.length > 0) return whole(b, space(b, 0), buffer, w, 1) + ended(b);
    if (!resource && field && b.length > 0 && typeof this.route.body === 'object') {
      mark(programs, this.route.body);
      w = field(b, space(b, 0), buffer, w, 2) + ended(b);
    }
    if (mask && b.length > 0) w = mask.write(b, programs, buffer, w);
    return whole(b, -1, buffer, w, 1);
  }

  private query(query: string, start: number): number {
    let w = start;
    for (const pair of query.split('&')) {
      const equals = pair.indexOf('=');
      const setter = this.parameters.get(equals < 0 ? pair : pair.slice(0, equals));
      if (!setter) return giveUp();
      const text = decoded(equals < 0 ? '' : pair.slice(equals + 1).replaceAll('+', ' '));
      w = setter.set(text, output.buffer, w);
    }
    return w;
  }

  private setter(field: DescField): FieldSetter | undefined {
    // Of two names of a list, and of enum values that nobody knows, Go thinks otherwise.
    if (this.isGo && (field.enum || (field.fieldKind === 'list' && field.name !== field.jsonName))) return undefined;
    const write = textWriter(field);
    return write && new FieldSetter(field, write, this.parts.programs);
  }
}

const isFlat = ({ variables, template }: Route) =>
  variables.every(([field, ...deeper]) => deeper.length === 0 && !field.enum) &&
  template.variables.every(({ multiSegment }) => !multiSegment);

/** A semicolon breaks a query, and a field that is the body is there without one. */
function isUnlikeGo({ body: field }: Route, { query, body }: HttpInput): boolean {
  return query.includes(';') || (typeof field === 'object' && body.length === 0);
}

/** Throws where the encoding is broken. */
function decoded(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}
