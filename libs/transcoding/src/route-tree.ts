import { ANY_METHOD, type Route } from './route.js';
import type { TemplateSegment } from './template.js';

/** Where templates that begin alike go on. */
export class RouteNode {
  /** The first literal stands for itself: most nodes have one, which is compared faster than it is looked up. */
  private text = '';
  private first: RouteNode | undefined;
  private others: Map<string, RouteNode> | undefined;
  variable: RouteNode | undefined;
  star: RouteNode | undefined;
  rest: RouteNode | undefined;
  /** The routes that end here, with their custom verbs ('' for none) and methods: a few, which are compared in turn. */
  private readonly verbs: string[] = [];
  private readonly methods: string[] = [];
  private readonly routes: Route[] = [];

  /** The node that the literal from `start` up to `end` of a path leads to. */
  literal(path: string, start: number, end: number): RouteNode | undefined {
    if (this.first === undefined) return undefined;
    if (end - start === this.text.length && path.startsWith(this.text, start)) return this.first;
    return this.others?.get(path.slice(start, end));
  }

  /** The node that a segment of a template leads to, made when there is none. */
  child(segment: TemplateSegment): RouteNode {
    if (segment.kind === 'literal') return this.literalChild(segment.text);
    const next = this[segment.kind] ?? new RouteNode();
    this[segment.kind] = next;
    return next;
  }

  /** Ends a route here. Gives the one that is there already, if one is. */
  end(route: Route): Route | undefined {
    const { verb = '' } = route.template;
    const other = this.routes.find((one, at) => this.verbs[at] === verb && one.httpMethod === route.httpMethod);
    if (other) return other;
    this.verbs.push(verb);
    this.methods.push(route.httpMethod);
    this.routes.push(route);
    return undefined;
  }

  /** The route for a method, else that of GET for HEAD, else one for all methods. What has other methods adds them to `passed`. */
  route(verb: string, method: string, passed: Set<string>): Route | undefined {
    let lesser: Route | undefined;
    let any: Route | undefined;
    for (let at = 0; at < this.routes.length; at++) {
      if (this.verbs[at] !== verb) continue;
      const one = this.methods[at] ?? '';
      if (one === method) return this.routes[at];
      if (one === ANY_METHOD) any = this.routes[at];
      else if (one === 'GET' && method === 'HEAD') lesser = this.routes[at];
      else passed.add(one);
    }
    return lesser ?? any;
  }

  private literalChild(text: string): RouteNode {
    const known = this.literal(text, 0, text.length);
    if (known) return known;
    const next = new RouteNode();
    if (this.first === undefined) {
      this.text = text;
      this.first = next;
    } else {
      this.others ??= new Map();
      this.others.set(text, next);
    }
    return next;
  }
}

/** The path that was split last, and the walks through the tree for it. One path after the other: it is used again and again. */
export class RouteSearch {
  /** The methods of all routes whose path fits but not their method, after a walk that found none. */
  readonly passed = new Set<string>();
  private path = '';
  private method = '';
  private verb = '';
  /** Where segments begin; one more, so that each ends one before the next begins. */
  private readonly starts: number[] = [];
  private count = 0;

  /** Where the last segment has its last colon, 0 for none; -1 where the path is none that a template fits. */
  split(path: string): number {
    let colon = 0;
    let count = 0;
    let start = 1;
    if (path.charCodeAt(0) !== SLASH) return -1;
    for (let at = 1; at <= path.length; at++) {
      const char = at < path.length ? path.charCodeAt(at) : SLASH;
      if (char === COLON && at > start) colon = at;
      if (char !== SLASH) continue;
      // Empty segments fit nothing.
      if (at === start) return -1;
      this.starts[count++] = start;
      start = at + 1;
    }
    this.starts[count] = start;
    this.count = count;
    return colon > (this.starts[count - 1] ?? 0) ? colon : 0;
  }

  /** The first route in the order of precedence, for a path as it was split, with the stem of its last segment up to `end`. */
  first(root: RouteNode, { path, method, verb, end }: { path: string; method: string; verb: string; end: number }) {
    this.path = path;
    this.method = method;
    this.verb = verb;
    this.starts[this.count] = end + 1;
    this.passed.clear();
    return this.from(root, 0);
  }

  /** The values of a route's variables in a path that was split. */
  values({ template: { variables } }: Route, path: string): string[] {
    const values: string[] = [];
    for (const { from, to = this.count } of variables) {
      values.push(from < to ? path.slice(this.starts[from], (this.starts[to] ?? 0) - 1) : '');
    }
    return values;
  }

  private from(node: RouteNode, index: number): Route | undefined {
    let found: Route | undefined;
    if (index === this.count) {
      found = node.route(this.verb, this.method, this.passed);
    } else {
      const literal = node.literal(this.path, this.starts[index] ?? 0, (this.starts[index + 1] ?? 0) - 1);
      if (literal) found = this.from(literal, index + 1);
      if (!found && node.variable) found = this.from(node.variable, index + 1);
      if (!found && node.star) found = this.from(node.star, index + 1);
    }
    return found ?? node.rest?.route(this.verb, this.method, this.passed);
  }
}

const [SLASH, COLON] = [47, 58];
