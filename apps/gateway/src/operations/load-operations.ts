import { readFileSync } from 'node:fs';
import type { FileRegistry } from '@bufbuild/protobuf';
import { createCodec, loadRegistry, type Route, Router, routesOf } from '#libs/transcoding';
import type { ApiConfig } from '../gateway-config.js';
import type { BoundRoute, Operation } from './operation.js';
import { toOperation } from './to-operation.js';

/** Every operation that the gateway serves, and the way to them. */
export class Operations {
  readonly all: readonly Operation[];
  readonly router: Router;
  private readonly bound: ReadonlyMap<Route, BoundRoute>;

  constructor(routes: readonly BoundRoute[]) {
    this.all = [...new Set(routes.map(({ operation }) => operation))];
    this.bound = new Map(routes.map((bound) => [bound.route, bound]));
    this.router = new Router(this.bound.keys());
  }

  of(route: Route): BoundRoute {
    const bound = this.bound.get(route);
    if (!bound) throw new Error('the route is not of this gateway');
    return bound;
  }
}

/**
 * The operations of all APIs: every RPC with a google.api.http rule. Throws one Error that lists everything that cannot be
 * served, by API and RPC: nothing is served until all of it can be.
 */
export function loadOperations(apis: readonly ApiConfig[]): Operations {
  const problems: string[] = [];
  const routes = apis.flatMap((api) => {
    try {
      return loadApi(api, (problem) => problems.push(`API ${api.name}: ${problem}`));
    } catch (error) {
      problems.push(`API ${api.name}: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(`The gateway cannot serve its APIs:\n${problems.join('\n')}`);
  return new Operations(routes);
}

function loadApi(api: ApiConfig, report: (problem: string) => void): BoundRoute[] {
  const file = api.descriptors ?? '';
  const registry = loadRegistry(readFileSync(file), file);
  const served = new Set<string>();
  const bound: BoundRoute[] = [];
  for (const rpc of rpcsOf(registry)) {
    try {
      const routes = routesOf(rpc, api.prefix);
      if (routes.length === 0) continue;
      const { typeName, name } = rpc.parent;
      served.add(typeName);
      const upstream = api.upstreams[typeName];
      if (!upstream) throw new Error(`${typeName} has http rules, but no address in "upstreams"`);
      const { address, audience = name.toLowerCase() } = upstream;
      const operation = toOperation(rpc, { upstream: { address, audience }, defaultAccess: undefined });
      bound.push(...routes.map((route) => ({ operation, route, codec: createCodec(route, registry) })));
    } catch (error) {
      for (const line of String(error instanceof Error ? error.message : error).split('\n')) report(line);
    }
  }
  const useless = Object.keys(api.upstreams).filter((name) => !served.has(name));
  for (const name of useless) report(`"upstreams" names ${name}, which has no http rules here`);
  return bound;
}

function* rpcsOf(registry: FileRegistry) {
  for (const type of registry) if (type.kind === 'service') yield* type.methods;
}
