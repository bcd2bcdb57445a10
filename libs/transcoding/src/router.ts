import type { Route } from './route.js';
import type { TemplateVariable } from './template.js';

/** What a method and a path lead to. `allow` lists the methods for the Allow header. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly variables: readonly string[] }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'options'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' };

class Node {
  readonly literals = new Map<string, Node>();
  variable: Node | undefined;
  star: Node | undefined;
  rest: Node | undefined;
  /** custom verb ('' for none) → HTTP method → route */
  readonly ends = new Map<string, Map<string, Route>>();
}

/**
 * Leads a request to its route. At each segment a literal wins over a variable, a variable over `*`, `*` over `**`. Paths
 * are compared as they were sent, percent-encoded: `%2F` never separates segments and never changes the route. Empty
 * segments (`//`, a trailing slash) match nothing. A declared custom verb owns its suffix: `/v1/orders/1:cancel` is never
 * the order "1:cancel" while some route `…/{id}:cancel` exists.
 */
export class Router {
  private readonly root = new Node();

  /** Throws when two routes claim the same method and path, naming both. */
  constructor(routes: Iterable<Route>) {
    for (const route of routes) this.add(route);
  }

  /** `path` is the path of the request target as sent, without the query. */
  match(method: string, path: string): Match {
    const segments = path.startsWith('/') ? path.slice(1).split('/') : [''];
    if (segments.includes('')) return { kind: 'not-found' };
    const ends = this.endsOf(segments);
    if (ends.length === 0) return { kind: 'not-found' };
    for (const end of ends) {
      const route = end.get(method) ?? (method === 'HEAD' ? end.get('GET') : undefined);
      if (route) return { kind: 'route', route, variables: valuesOf(route, path) };
    }
    const allow = allowed(ends);
    return method === 'OPTIONS' ? { kind: 'options', allow } : { kind: 'method-not-allowed', allow };
  }

  /** The ends that fit, best first: those of a custom verb alone, where one fits. */
  private endsOf(segments: string[]): Map<string, Route>[] {
    const last = segments.at(-1) ?? '';
    const colon = last.lastIndexOf(':');
    if (colon > 0) {
      const stem = [...segments.slice(0, -1), last.slice(0, colon)];
      const ends = [...reach(this.root, stem, 0)].flatMap((node) => node.ends.get(last.slice(colon + 1)) ?? []);
      if (ends.length > 0) return ends;
    }
    return [...reach(this.root, segments, 0)].flatMap((node) => node.ends.get('') ?? []);
  }

  private add(route: Route): void {
    let node = this.root;
    for (const segment of route.template.segments) node = child(node, segment);
    const verb = route.template.verb ?? '';
    const methods = node.ends.get(verb) ?? new Map<string, Route>();
    node.ends.set(verb, methods);
    const other = methods.get(route.httpMethod);
    if (other) throw new Error(`${describe(other)} and ${describe(route)} claim the same path`);
    methods.set(route.httpMethod, route);
  }
}

function child(node: Node, segment: Route['template']['segments'][number]): Node {
  if (segment.kind === 'literal') {
    const next = node.literals.get(segment.text) ?? new Node();
    node.literals.set(segment.text, next);
    return next;
  }
  const next = node[segment.kind] ?? new Node();
  node[segment.kind] = next;
  return next;
}

function* reach(node: Node, segments: readonly string[], index: number): Generator<Node> {
  const segment = segments[index];
  if (segment === undefined) {
    yield node;
  } else {
    const literal = node.literals.get(segment);
    if (literal) yield* reach(literal, segments, index + 1);
    if (node.variable) yield* reach(node.variable, segments, index + 1);
    if (node.star) yield* reach(node.star, segments, index + 1);
  }
  if (node.rest) yield node.rest;
}

function valuesOf(route: Route, path: string): string[] {
  const { verb, variables } = route.template;
  const segments = (verb === undefined ? path : path.slice(0, -(verb.length + 1))).slice(1).split('/');
  return variables.map(({ from, to }: TemplateVariable) => segments.slice(from, to).join('/'));
}

function allowed(ends: readonly Map<string, Route>[]): string[] {
  const methods = new Set(ends.flatMap((end) => [...end.keys()]));
  if (methods.has('GET')) methods.add('HEAD');
  methods.add('OPTIONS');
  return [...methods].sort();
}

function describe(route: Route): string {
  return `${route.rpc.parent.typeName}.${route.rpc.name} (${route.httpMethod} ${route.template.text})`;
}
