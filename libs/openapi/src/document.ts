import type { DescService } from '@bufbuild/protobuf';
import type { Dialect } from '#libs/transcoding';
import { commentOf } from './comments.js';
import { SHARED_HEADERS } from './headers.js';
import type { JsonObject } from './json.js';
import { STANDARD_LOOK } from './look.js';
import { Looks } from './looks.js';
import { operationObject } from './operation.js';
import { SHARED_PARAMETERS } from './parameters.js';
import { namedLike, type OpenApiPath, openApiPath, shapeOf } from './path.js';
import { PROBLEM_SCHEMAS, SharedProblems, STATUS_SCHEMAS } from './problems.js';
import { Schemas } from './schemas.js';
import { type ServedRpc, typesBelow } from './served-rpc.js';
import { usualMethod } from './usual-method.js';

export interface OpenApiInfo {
  readonly title: string;
  /** Of the API, not of OpenAPI. */
  readonly version: string;
  /** Markdown. */
  readonly description?: string | undefined;
  readonly license?: { readonly name: string; readonly identifier: string } | undefined;
}

const LENIENCY = `Requests follow ProtoJSON: an integer may be a number or a string, an enum value its name or its number, and \`null\`
stands for an absent field. Beside what the schemas show, a name may be that of the proto (\`page_size\`). {unknown} Strings hold no U+0000.`;

/** What becomes of names that no schema has. */
function leniencyOf(dialects: ReadonlySet<Dialect>): string {
  const isPassedOver = dialects.has('grpc-gateway');
  const isMixed = isPassedOver && dialects.size > 1;
  const always = `What the API does not know\nis ${isPassedOver ? 'passed over' : 'refused'}.`;
  const unknown = isMixed ? 'What an API does not know\nis refused where its schemas say so.' : always;
  return LENIENCY.replace('{unknown}', unknown);
}

/**
 * An OpenAPI 3.1 document of what a gateway serves, from descriptors and their options alone. The same RPCs give the same
 * text: paths and components are sorted, operations keep the order of their routes.
 */
export function openApi(rpcs: readonly ServedRpc[], info: OpenApiInfo): JsonObject {
  const responses = new Set(rpcs.flatMap(({ rpc }) => [...typesBelow(rpc.output)]));
  const all = new Set([...rpcs.flatMap(({ rpc }) => [...typesBelow(rpc.input)]), ...responses]);
  const dialects = new Set(rpcs.map(({ look = STANDARD_LOOK }) => look.dialect));
  const errors = { ...PROBLEM_SCHEMAS, ...(dialects.has('grpc-gateway') && STATUS_SCHEMAS) };
  const schemas = new Schemas(all, responses, { taken: Object.keys(errors), looks: new Looks(rpcs) });
  const names = new ServiceNames(rpcs.map(({ rpc }) => rpc.parent));
  const problems = new SharedProblems();
  const paths = pathsOf(rpcs, { schemas, names, problems });
  const { title, version, description, license } = info;
  return {
    openapi: '3.1.1',
    info: {
      title,
      version,
      description: [description, leniencyOf(dialects)].filter(Boolean).join('\n\n'),
      ...(license && { license: { ...license } }),
    },
    servers: [{ url: '/' }],
    tags: names.tags(),
    paths,
    components: {
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token.' },
      },
      parameters: usedOf(SHARED_PARAMETERS, 'parameters', paths),
      headers: usedOf(SHARED_HEADERS, 'headers', paths, problems.all()),
      responses: problems.all(),
      schemas: { ...schemas.all(), ...errors },
    },
  };
}

/** The methods that OpenAPI 3.1 has: of a custom kind with a word of its own, such as PURGE, it cannot tell. */
const OPERATIONS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

interface Shared {
  readonly schemas: Schemas;
  readonly problems: SharedProblems;
  readonly names: ServiceNames;
}

function pathsOf(rpcs: readonly ServedRpc[], { names, ...shared }: Shared): JsonObject {
  const paths = new Map<string, Record<string, JsonObject>>();
  const byShape = new Map<string, OpenApiPath>();
  for (const served of rpcs) {
    const { rpc } = served;
    for (const [index, route] of served.routes.entries()) {
      const own = openApiPath(route);
      const known = byShape.get(shapeOf(own));
      const path = known ? namedLike(own, known) : own;
      byShape.set(shapeOf(own), path);
      const tag = names.of(rpc.parent);
      const operationId = `${tag.replaceAll('.', '_')}_${rpc.name}${index === 0 ? '' : `_${index + 1}`}`;
      const operations = paths.get(path.text) ?? {};
      const method = usualMethod(route).toLowerCase();
      if (!OPERATIONS.has(method)) continue;
      // Two templates that differ only in their patterns are one path here: the first one is told.
      operations[method] ??= operationObject({ ...shared, served, route, path, operationId, tag });
      paths.set(path.text, operations);
    }
  }
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The parts of `all` that something refers to. */
function usedOf(all: JsonObject, kind: string, ...from: JsonObject[]): JsonObject {
  const text = JSON.stringify(from);
  return Object.fromEntries(Object.entries(all).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)));
}

/** Services by their name, in full where two share one. */
class ServiceNames {
  private readonly services: readonly DescService[];

  constructor(services: readonly DescService[]) {
    this.services = [...new Set(services)];
  }

  of(service: DescService): string {
    const isShared = this.services.some((other) => other !== service && other.name === service.name);
    return isShared ? service.typeName : service.name;
  }

  tags(): JsonObject[] {
    return this.services
      .map((service) => ({ name: this.of(service), description: commentOf(service) || service.typeName }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
