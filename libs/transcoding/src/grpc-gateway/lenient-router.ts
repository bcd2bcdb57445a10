import type { Route } from '../route.js';
import { type Match, Router } from '../router.js';
import { decodeBytes } from './go-query.js';

/** Leads a request to its route. */
export interface Matcher {
  /** `path` is the path of the request target as sent, without the query. */
  match(method: string, path: string): Match;
}

/** Where decoding, an empty segment or a verb may lead elsewhere. */
const UNUSUAL = /[%:]|\/\/|\/$/;

/**
 * A router in which some routes are reached as grpc-gateway's are: the path is decoded before it is taken apart, so that `%2F`
 * separates segments; a segment may be empty; and where no custom verb takes a path with the request's method, the verb is a
 * part of the last segment. What the usual router finds without that goes first.
 */
export class LenientRouter implements Matcher {
  private readonly routes: readonly Route[];
  private readonly isLenient: ReadonlySet<Route>;
  /** Of the lenient routes alone. */
  private readonly usual: Router;

  constructor(
    private readonly all: Matcher,
    lenient: Iterable<Route>,
  ) {
    // grpc-gateway asks the handlers in turn, that which was registered last before all others.
    this.routes = [...lenient].reverse();
    this.isLenient = new Set(this.routes);
    this.usual = new Router(this.routes);
  }

  match(method: string, path: string): Match {
    const matched = this.all.match(method, path);
    if (!UNUSUAL.test(path) || (matched.kind === 'route' && this.isUsual(matched.route, path))) return matched;
    const found = this.search(method, path);
    if (found) return found;
    // As it was sent it would be a lenient route's, but decoded it is not.
    const isOthers = matched.kind !== 'not-found' && this.usual.match(method, path).kind === 'not-found';
    return isOthers ? matched : this.elsewhere(path);
  }

  private isUsual(route: Route, path: string): boolean {
    return !path.includes('%') || !this.isLenient.has(route);
  }

  private search(method: string, path: string): Match | undefined {
    const decoded = decodedPath(path);
    if (decoded === undefined) return undefined;
    const usual = this.usual.match(method, decoded);
    if (usual.kind === 'route') return usual;
    const segments = decoded.slice(1).split('/');
    for (const route of this.routes) {
      const variables = route.httpMethod === method ? valuesOf(route, segments) : undefined;
      if (variables) return { kind: 'route', route, variables };
    }
    return undefined;
  }

  private elsewhere(path: string): Match {
    const segments = decodedPath(path)?.slice(1).split('/') ?? [];
    const others = this.routes.filter((route) => valuesOf(route, segments)).map(({ httpMethod }) => httpMethod);
    return others.length > 0
      ? { kind: 'method-not-allowed', allow: [...new Set(others)].sort() }
      : { kind: 'not-found' };
  }
}

/** Decoded once; what would be decoded again later is a percent sign then. Undefined for what is no path, or not UTF-8. */
function decodedPath(path: string): string | undefined {
  if (!path.startsWith('/') || /%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  const decoded = decodeBytes(path);
  return decoded.isWellFormed() ? decoded.replaceAll('%', '%25') : undefined;
}

/** The values of a route's variables where it fits, with empty segments where there are any. */
function valuesOf({ template }: Route, path: readonly string[]): string[] | undefined {
  const segments = withoutVerb(path, template.verb);
  if (!segments) return undefined;
  const isOpen = template.segments.at(-1)?.kind === 'rest';
  const fixed = isOpen ? template.segments.slice(0, -1) : template.segments;
  if (isOpen ? segments.length < fixed.length : segments.length !== fixed.length) return undefined;
  const fits = fixed.every((segment, index) => segment.kind !== 'literal' || segment.text === segments[index]);
  return fits ? template.variables.map(({ from, to }) => segments.slice(from, to).join('/')) : undefined;
}

function withoutVerb(segments: readonly string[], verb: string | undefined): readonly string[] | undefined {
  if (verb === undefined) return segments;
  const last = segments.at(-1) ?? '';
  const end = last.length - verb.length - 1;
  return end > 0 && last.endsWith(`:${verb}`) ? [...segments.slice(0, -1), last.slice(0, end)] : undefined;
}
