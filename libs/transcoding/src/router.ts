import { ANY_METHOD, type Route } from './route.js';
import { RouteNode, RouteSearch } from './route-tree.js';
import { rpcPlace } from './rpc-place.js';
import { normalEncoding } from './template.js';

/** What a method and a path lead to. `allow` lists the methods for the Allow header. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly variables: readonly string[] }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'options'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' };

const NOT_FOUND: Match = { kind: 'not-found' };

/**
 * Leads a request to its route. At each segment a literal wins over a variable, a variable over `*`, `*` over `**`; for one
 * path a method of its own wins over GET where HEAD is asked for, and both win over the kind `*`. Paths are compared as they
 * were sent, percent-encoded: `%2F` never separates segments and never changes the route, and only the case of hexadecimal
 * digits is of no matter. Empty segments (`//`, a trailing slash) match nothing. A declared custom verb owns its suffix:
 * `/v1/orders/1:cancel` is never the order "1:cancel" while some route `…/{id}:cancel` exists. What a match costs depends on
 * the path alone, not on the number of routes.
 */
export class Router {
  private readonly root = new RouteNode();
  private readonly search = new RouteSearch();
  private readonly verbs = new Set<string>();
  /** Few APIs have literals such as `caf%C3%A9`. */
  private hasEncodedLiterals = false;

  /** Throws when routes claim the same method and path: one line for each pair, which names both. */
  constructor(routes: Iterable<Route>) {
    const conflicts: string[] = [];
    for (const route of routes) {
      const other = this.add(route);
      if (other) conflicts.push(`${describe(other)} and ${describe(route)} claim the same path`);
    }
    if (conflicts.length > 0) throw new Error(conflicts.join('\n'));
  }

  /** `path` is the path of the request target as sent, without the query. */
  match(method: string, path: string): Match {
    const colon = this.search.split(path);
    if (colon < 0) return NOT_FOUND;
    const key = this.hasEncodedLiterals && path.includes('%') ? normalEncoding(path) : path;
    if (colon > 0) {
      const verb = key.slice(colon + 1);
      const found = this.verbs.has(verb) ? this.find(method, [path, key], [verb, colon]) : undefined;
      if (found) return found;
    }
    return this.find(method, [path, key], ['', path.length]) ?? NOT_FOUND;
  }

  /** Undefined where no template fits the path. */
  private find(method: string, [path, key]: [string, string], [verb, end]: [string, number]): Match | undefined {
    const { search } = this;
    const route = search.first(this.root, { path: key, method, verb, end });
    if (route) return { kind: 'route', route, variables: search.values(route, path) };
    const { passed } = search;
    if (passed.size === 0) return undefined;
    const allow = [...passed, ...(passed.has('GET') && !passed.has('HEAD') ? ['HEAD'] : [])];
    if (!passed.has('OPTIONS')) allow.push('OPTIONS');
    allow.sort();
    return method === 'OPTIONS' ? { kind: 'options', allow } : { kind: 'method-not-allowed', allow };
  }

  /** The route that was there before, if one was. */
  private add(route: Route): Route | undefined {
    const { segments, verb = '' } = route.template;
    const node = segments.reduce((above, segment) => above.child(segment), this.root);
    this.verbs.add(verb);
    this.hasEncodedLiterals ||= segments.some((one) => one.kind === 'literal' && one.text.includes('%'));
    this.hasEncodedLiterals ||= verb.includes('%');
    return node.end(route);
  }
}

function describe({ rpc, httpMethod, template, binding }: Route): string {
  const method = httpMethod === ANY_METHOD ? 'any method' : httpMethod;
  const which = binding === 0 ? '' : `, additional binding ${binding}`;
  return `${rpcPlace(rpc)} ${rpc.parent.typeName}.${rpc.name} (${method} ${template.text}${which})`;
}
