import { isUtf8 } from 'node:buffer';
import type { DescField, Registry } from '@bufbuild/protobuf';
import { REQUEST_RULES } from '../dialect.js';
import type { HttpInput, ReaderOptions } from '../request.js';
import { RequestMessage } from '../request-message.js';
import type { Route } from '../route.js';
import { giveUp } from './give-up.js';
import { Output } from './output.js';
import { parseCompiler, type RequestPrograms } from './parse-compiler.js';
import { doubt, segments } from './parse-runtime.js';
import { space } from './read-json.js';
import { type TextWriter, textWriter } from './text-writers.js';
import { cursor } from './wire.js';

const output = new Output(16_384);

/** Sets a field from the path or the query. */
class FieldSetter {
  constructor(
    private readonly field: DescField,
    private readonly write: TextWriter,
    private readonly programs: RequestPrograms,
  ) {}

  set(text: string, w: number): number {
    mark(this.programs, this.field);
    const end = this.write(text, output.buffer, w);
    if (end !== w) segments.add(this.field.number, w, end);
    return end;
  }
}

/** What is set twice has to be told, or decided upon. */
function mark({ given, source }: RequestPrograms, field: DescField): void {
  for (const seen of [source.bitOf(field), source.oneofBit(field)]) {
    if (!seen) continue;
    const [word, mask] = seen;
    const before = given[word] ?? 0;
    if ((before & mask) !== 0 && field.fieldKind !== 'list') giveUp();
    given[word] = before | mask;
  }
}

/** Reads the requests of a route by compiled code. */
export class CompiledRequests {
  private readonly variables: readonly FieldSetter[];
  private readonly parameters = new Map<string, FieldSetter>();
  private readonly isGo: boolean;

  private constructor(
    private readonly route: Route,
    private readonly programs: RequestPrograms,
    { rules = REQUEST_RULES.strict, reserved }: ReaderOptions,
  ) {
    this.isGo = rules.isGo;
    this.variables = route.variables.flatMap(([field]) => this.setter(field) ?? []);
    const taken = new Set([...route.variables.map(([field]) => field), route.body, ...(reserved ?? [])]);
    if (route.body === 'whole') return;
    for (const field of route.rpc.input.fields) {
      const setter = taken.has(field) ? undefined : this.setter(field);
      if (setter) this.parameters.set(field.name, setter).set(field.jsonName, setter);
    }
  }

  /** Undefined where a route's requests are for reflection alone. */
  static of(route: Route, registry: Registry, options: ReaderOptions = {}): CompiledRequests | undefined {
    const { rpc, body, variables, httpMethod } = route;
    const { rules = REQUEST_RULES.strict, reserved } = options;
    const fillsMask = rules.fillsMask && httpMethod === 'PATCH' && typeof body === 'object';
    const isFlat = variables.every(
      (path, index) => path.length === 1 && !route.template.variables[index]?.multiSegment,
    );
    if (fillsMask || !isFlat || variables.some(([field]) => field === body || field === reserved?.[0]))
      return undefined;
    // The server's own field may lie deeper: then nothing around it may be in the body.
    if (typeof body === 'object' && body === reserved?.[0]) return undefined;
    const programs = parseCompiler(registry).request(
      rpc.input,
      typeof body === 'object' ? body : undefined,
      reserved?.[0],
    );
    if (!programs) return undefined;
    const requests = new CompiledRequests(route, programs, options);
    return requests.variables.length === variables.length ? requests : undefined;
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
    const { given, whole, field } = this.programs;
    segments.count = 0;
    doubt.any = false;
    given.fill(0);
    let w = 0;
    for (const [index, setter] of this.variables.entries()) w = setter.set(decoded(variables[index] ?? ''), w);
    if (query !== '') w = this.query(query, w);
    const b = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    if (b.length === 0 || !field || typeof this.route.body !== 'object')
      return whole(b, b.length === 0 ? -1 : space(b, 0), output.buffer, w, 1) + this.ended(b);
    mark(this.programs, this.route.body);
    w = field(b, space(b, 0), output.buffer, w, 2);
    return this.ended(b) + whole(b, -1, output.buffer, w, 1);
  }

  /** Zero, where the body ends where it should. */
  private ended(b: Buffer): 0 {
    return b.length === 0 || space(b, cursor.at) === b.length ? 0 : giveUp();
  }

  private query(query: string, start: number): number {
    let w = start;
    for (const pair of query.split('&')) {
      const equals = pair.indexOf('=');
      const setter = this.parameters.get(equals < 0 ? pair : pair.slice(0, equals));
      if (!setter) return giveUp();
      w = setter.set(decoded(equals < 0 ? '' : pair.slice(equals + 1).replaceAll('+', ' ')), w);
    }
    return w;
  }

  private setter(field: DescField): FieldSetter | undefined {
    // Of two names of a list, and of enum values that nobody knows, Go thinks otherwise.
    if (this.isGo && (field.enum || (field.fieldKind === 'list' && field.name !== field.jsonName))) return undefined;
    const write = textWriter(field);
    return write && new FieldSetter(field, write, this.programs);
  }
}

/** A semicolon breaks a query, and a field that is the body is there without one. */
function isUnlikeGo({ body: field }: Route, { query, body }: HttpInput): boolean {
  return query.includes(';') || (typeof field === 'object' && body.length === 0);
}

/** Throws where the encoding is broken. */
function decoded(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}
