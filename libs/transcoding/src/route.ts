import { type DescField, type DescMessage, type DescMethod, getOption } from '@bufbuild/protobuf';
import { type HttpRule, http } from '#libs/contracts';
import { type FieldPath, fieldNamed, isTextField, jsonPath, resolveFieldPath } from './field-path.js';
import { takesRawBody } from './http-body.js';
import { type PathTemplate, parseTemplate } from './template.js';

/** One way to reach an RPC over HTTP: a google.api.http rule or one of its additional bindings. */
export interface Route {
  readonly rpc: DescMethod;
  /** 0 for the rule itself, n for its nth additional binding. */
  readonly binding: number;
  /** In upper case; ANY_METHOD for a rule that leaves it open. */
  readonly httpMethod: string;
  readonly template: PathTemplate;
  /** The fields that the template's variables fill, in their order. */
  readonly variables: readonly FieldPath[];
  /** `none`: all that the path leaves comes from the query; `whole`: from the body; a field: the body is that field. */
  readonly body: 'none' | 'whole' | DescField;
  /** The answer is this field of the response message alone. */
  readonly responseBody: DescField | undefined;
}

/** The custom kind that serves every method which has no rule of its own at its path. */
export const ANY_METHOD = '*';

/** A word of HTTP (RFC 9110, 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Whose content means nothing, or is forbidden (RFC 9110, 9.3). */
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'TRACE']);

/** The routes of an RPC below `prefix`; empty without a google.api.http rule. Throws an Error that names the RPC. */
export function routesOf(rpc: DescMethod, prefix = ''): Route[] {
  const rule = getOption(rpc, http);
  if (rule.pattern.case === undefined && rule.additionalBindings.length === 0) return [];
  try {
    if (rule.additionalBindings.some((binding) => binding.additionalBindings.length > 0)) {
      throw new Error('an additional binding has additional bindings of its own');
    }
    return [rule, ...rule.additionalBindings].map((one, binding) => ({ rpc, binding, ...readRule(rpc, one, prefix) }));
  } catch (error) {
    throw new Error(
      `${rpc.parent.typeName}.${rpc.name}: google.api.http: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function readRule(rpc: DescMethod, rule: HttpRule, prefix: string): Omit<Route, 'rpc' | 'binding'> {
  const [httpMethod, path] = methodAndPath(rule);
  const template = parseTemplate(prefix + path);
  const variables = template.variables.map(({ fieldPath }) => variableField(rpc.input, fieldPath));
  const names = variables.map(jsonPath);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${template.text} binds "${twice}" twice`);
  if (rule.body !== '' && WITHOUT_BODY.has(httpMethod)) throw new Error(`${httpMethod} has no body to map`);
  const body = bodyOf(rpc.input, rule.body);
  const responseBody = rule.responseBody === '' ? undefined : ownField(rpc.output, rule.responseBody);
  const read = { httpMethod, template, variables, body, responseBody };
  refuseStrayBodies({ rpc, ...read });
  return read;
}

/** What http.proto leaves open, and would be read in two ways. */
function refuseStrayBodies(route: Omit<Route, 'binding'>): void {
  const { rpc, body, variables } = route;
  if (sends(rpc) && body === 'none') {
    throw new Error('a stream of requests needs a body, which its messages are: write body: "*"');
  }
  if (!takesRawBody(route)) return;
  const inside = variables.find(([first]) => body === 'whole' || first === body);
  if (inside) throw new Error(`"${jsonPath(inside)}" is part of a body that is taken as it is`);
}

/** Whether requests are a stream. */
const sends = ({ methodKind }: DescMethod) => methodKind === 'client_streaming' || methodKind === 'bidi_streaming';

function methodAndPath({ pattern }: HttpRule): [string, string] {
  if (pattern.case === undefined) throw new Error('a binding has no path');
  if (pattern.case === 'custom') return [customMethod(pattern.value.kind), pattern.value.path];
  return [pattern.case.toUpperCase(), pattern.value];
}

function customMethod(kind: string): string {
  if (!TOKEN.test(kind)) throw new Error(`the custom kind ${JSON.stringify(kind)} is no HTTP method`);
  const method = kind.toUpperCase();
  if (method === 'CONNECT') throw new Error('CONNECT asks for a tunnel and has no path');
  return method;
}

function variableField(message: DescMessage, fieldPath: string): FieldPath {
  const path = resolveFieldPath(message, fieldPath);
  if (!isTextField(path[path.length - 1] ?? path[0])) throw new Error(`"${fieldPath}" is no scalar field`);
  return path;
}

function bodyOf(message: DescMessage, body: string): Route['body'] {
  if (body === '') return 'none';
  return body === '*' ? 'whole' : ownField(message, body);
}

function ownField(message: DescMessage, name: string): DescField {
  const field = fieldNamed(message, name);
  if (!field) throw new Error(`${message.typeName} has no field "${name}"`);
  return field;
}
