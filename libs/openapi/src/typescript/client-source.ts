import type { DescField, DescService } from '@bufbuild/protobuf';
import { ERRORS } from '#libs/errors';
import { givesRawBody, jsonPath, type Route, takesRawBody } from '#libs/transcoding';
import { commentOf } from '../comments.js';
import { isRequired } from '../schemas.js';
import { type ServedRpc, typesBelow } from '../served-rpc.js';
import { sends } from '../streams.js';
import { usualMethod } from '../usual-method.js';
import { docComment, lowerFirst, property } from './text.js';
import { TypeDeclarations } from './types.js';

/**
 * The generated part of a TypeScript client: a class per service with a method per RPC, its types as they travel in JSON,
 * and the union of error codes. Streams of requests and bodies that are no JSON are left out. It imports `Transport` and the like from `../transport.js`. The same RPCs give the same
 * text.
 */
export function clientSource(served: readonly ServedRpc[]): string {
  const rpcs = served.filter(isJson);
  const services = [...new Set(rpcs.map(({ rpc }) => rpc.parent))].sort((a, b) => (a.name < b.name ? -1 : 1));
  const responses = new Set(rpcs.flatMap(({ rpc }) => [...typesBelow(rpc.output)]));
  const all = new Set([...rpcs.flatMap(({ rpc }) => [...typesBelow(rpc.input)]), ...responses]);
  const taken = [...services.map(({ name }) => name), 'ErrorCode', 'Services'];
  const types = new TypeDeclarations(all, { responses, reserved: reservedFields(rpcs), taken });
  const classes = services.map((service) => classOf(service, rpcs, types));
  return [
    '// Generated from proto/ by `npm run client`: change the protos instead.',
    "import type { CallOptions, Operation, Transport, WatchOptions } from '../transport.js';",
    '',
    types.text(),
    errorCodes(),
    ...classes,
    servicesOf(services),
  ].join('\n');
}

function isJson({ rpc, routes: [route] }: ServedRpc): boolean {
  return !sends(rpc) && !(route && (takesRawBody(route) || givesRawBody(route)));
}

/** What the gateway takes from `Prefer` for every RPC of a request: one that names it is refused. */
function reservedFields(rpcs: readonly ServedRpc[]): Set<DescField> {
  const inputs = [...new Set(rpcs.map(({ rpc }) => rpc.input))];
  const reserved = inputs.flatMap((input) => {
    const takers = rpcs.filter(({ rpc }) => rpc.input === input);
    return input.fields.filter(({ name }) => takers.every(({ policy }) => policy.preferWaitField === name));
  });
  return new Set(reserved);
}

function classOf(service: DescService, rpcs: readonly ServedRpc[], types: TypeDeclarations): string {
  const methods = rpcs.filter(({ rpc }) => rpc.parent === service).map((served) => methodOf(served, types));
  return [
    `${docComment(commentOf(service))}export class ${service.name} {`,
    '  private readonly transport: Transport;',
    '',
    '  constructor(transport: Transport) {',
    '    this.transport = transport;',
    '  }',
    '',
    methods.join('\n'),
    '}\n',
  ].join('\n');
}

function methodOf({ rpc, routes: [route], policy, access }: ServedRpc, types: TypeDeclarations): string {
  if (!route) throw new Error(`${rpc.name} has no route`);
  const [request, response] = [types.message(rpc.input, 'request'), types.message(rpc.output, 'response')];
  const answer = route.responseBody ? types.field(route.responseBody, 'response') : response;
  const isStream = rpc.methodKind === 'server_streaming';
  const operation = {
    method: usualMethod(route),
    path: pathOf(route),
    body: route.body === 'none' ? undefined : route.body === 'whole' ? '*' : route.body.jsonName,
    isPublic: access.kind === 'public' || undefined,
    idempotencyKey: policy.idempotency ? true : undefined,
  };
  const literal = Object.entries(operation).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${typeof value === 'string' ? quoted(value) : value}`],
  );
  const standard = rpc.input.fields.some((field) => isRequired(field, 'request') || isInPath(field.name, route))
    ? ''
    : ' = {}';
  const [options, result, verb] = isStream
    ? ['WatchOptions', `AsyncGenerator<${answer}, void>`, 'watch']
    : ['CallOptions', `Promise<${answer}>`, 'call'];
  return [
    `${docComment(commentOf(rpc), '  ')}  ${lowerFirst(rpc.name)}(request: ${request}${standard}, options: ${options} = {}): ${result} {`,
    `    const operation: Operation = { ${literal.join(', ')} };`,
    `    return this.transport.${verb}<${answer}>(operation, request, options);`,
    '  }\n',
  ].join('\n');
}

/** A path may have apostrophes. */
const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

const isInPath = (name: string, { variables }: Route) => variables.some(([first]) => first.name === name);

/** `{field}` where one segment goes, `{field=**}` where slashes stay. */
function pathOf({ template, variables }: Route): string {
  let index = -1;
  const text = template.text.replace(/\{[^}]*\}/g, () => {
    index++;
    const [path, variable] = [variables[index], template.variables[index]];
    return path && variable ? `{${jsonPath(path)}${variable.multiSegment ? '=**' : ''}}` : '';
  });
  return text;
}

function errorCodes(): string {
  const codes = Object.keys(ERRORS).map((code) => `  | '${code}'`);
  return `/** The codes of all problems that the API answers with. */\nexport type ErrorCode =\n${codes.join('\n')};\n`;
}

function servicesOf(services: readonly DescService[]): string {
  return [
    '/** All services of the API. */',
    'export class Services {',
    ...services.map(({ name }) => `  readonly ${property(lowerFirst(name))}: ${name};`),
    '',
    '  constructor(transport: Transport) {',
    ...services.map(({ name }) => `    this.${lowerFirst(name)} = new ${name}(transport);`),
    '  }',
    '}\n',
  ].join('\n');
}
