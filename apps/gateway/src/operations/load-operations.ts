import { readFileSync } from 'node:fs';
import { create, type DescMethod, type FileRegistry } from '@bufbuild/protobuf';
import { violationsOf } from '#libs/service';
import {
  createCodec,
  type Dialect,
  LenientRouter,
  loadRegistry,
  type Matcher,
  type Route,
  Router,
  routesOf,
  rpcPlace,
} from '#libs/transcoding';
import type { ApiConfig, UpstreamConfig } from '../config/api.js';
import { type ConfigPath, type ConfigProblem, pathText } from '../config/config-problem.js';
import { ConfiguredPolicies } from './configured-policy.js';
import type { BoundRoute, Operation, Upstream, UpstreamTls } from './operation.js';
import { toOperation } from './to-operation.js';

/** Every operation that the gateway serves, and the way to them. */
export class Operations {
  readonly all: readonly Operation[];
  readonly routes: readonly BoundRoute[];
  readonly router: Matcher;
  /** To what is offered over WebSocket: by the path alone, since an opening handshake is always a GET. */
  readonly sockets: Router;
  /** Whether requests may go farther than HTTP and http.proto have it. */
  readonly isLenient: boolean;
  /** By the prefixes of APIs. */
  private readonly dialects = new Map<string, Set<Dialect>>();
  /** The longest first. */
  private readonly prefixes: readonly string[];
  private readonly boundToSockets: ReadonlyMap<Route, BoundRoute>;
  private readonly bound: ReadonlyMap<Route, BoundRoute>;

  constructor(routes: readonly BoundRoute[]) {
    this.routes = routes;
    this.all = [...new Set(routes.map(({ operation }) => operation))];
    this.bound = new Map(routes.map((bound) => [bound.route, bound]));
    const lenient = routes.filter(({ dialect }) => dialect === 'grpc-gateway').map(({ route }) => route);
    const router = new Router(this.bound.keys());
    for (const { prefix, dialect } of routes) {
      this.dialects.set(prefix, (this.dialects.get(prefix) ?? new Set()).add(dialect));
    }
    this.prefixes = [...this.dialects.keys()].toSorted((a, b) => b.length - a.length);
    this.isLenient = lenient.length > 0;
    this.router = this.isLenient ? new LenientRouter(router, lenient) : router;
    const offered = routes.filter(({ operation }) => operation.webSocket);
    this.boundToSockets = new Map(offered.map((bound) => [{ ...bound.route, httpMethod: 'GET' }, bound]));
    this.sockets = new Router(this.boundToSockets.keys());
  }

  /** The dialect in which a path is refused that no route has: that of the API with the longest prefix of it, and `strict` where
   * APIs of several dialects share that. */
  dialectAt(path: string): Dialect {
    const prefix = this.prefixes.find((one) => one === '' || path.startsWith(`${one}/`));
    const [only = 'strict', ...others] = this.dialects.get(prefix ?? '') ?? [];
    return others.length > 0 ? 'strict' : only;
  }

  of(route: Route): BoundRoute {
    const bound = this.bound.get(route) ?? this.boundToSockets.get(route);
    if (!bound) throw new Error('the route is not of this gateway');
    return bound;
  }
}

/** An API with its types. */
export interface ApiWithTypes {
  readonly api: ApiConfig;
  readonly registry: FileRegistry;
  /** By compiled code, which is the default, or by reflection. */
  readonly codec?: 'compiled' | 'reflective';
}

type Report = (problem: ConfigProblem) => void;

/** The operations of APIs whose descriptors are in files. Throws one Error that lists everything that cannot be served. */
export function loadOperations(apis: readonly ApiConfig[]): Operations {
  const problems: ConfigProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const loaded = apis.flatMap((api, index) => {
    const registry = registryInFile(api, { path: ['apis', index], report });
    return registry ? [{ api, registry }] : [];
  });
  const operations = operationsOf(loaded, report);
  if (operations && problems.length === 0) return operations;
  const lines = problems.map(({ path, message }) => `${pathText(path)}: ${message}`);
  throw new Error(`The gateway cannot serve its APIs:\n${lines.join('\n')}`);
}

/** The types in the descriptor set of an API. */
export function registryInFile(
  { descriptors: file = '' }: ApiConfig,
  { path, report }: { path: ConfigPath; report: Report },
): FileRegistry | undefined {
  try {
    return loadRegistry(readFileSync(file), file);
  } catch (error) {
    report({
      path: [...path, 'descriptors'],
      message: `${messageOf(error)}: buf build --as-file-descriptor-set -o, or protoc --include_imports`,
    });
    return undefined;
  }
}

/**
 * The operations of all APIs: every RPC with a google.api.http rule. Reports everything that cannot be served: nothing is
 * served until all of it can be.
 */
export function operationsOf(apis: readonly ApiWithTypes[], report: Report): Operations | undefined {
  try {
    return new Operations(apis.flatMap((api, index) => routesIn(api, { path: ['apis', index], report })));
  } catch (error) {
    for (const message of messageOf(error).split('\n')) report({ path: ['apis'], message });
    return undefined;
  }
}

function routesIn(
  { api, registry, codec }: ApiWithTypes,
  { path, report }: { path: ConfigPath; report: Report },
): BoundRoute[] {
  const policies = new ConfiguredPolicies(api, path, report);
  const upstreams = new Map<string, Upstream | undefined>();
  const bound: BoundRoute[] = [];
  for (const rpc of rpcsOf(registry)) {
    const service = rpc.parent.typeName;
    if (api.ignore.includes(service)) continue;
    const refuse = (error: unknown) => {
      for (const line of messageOf(error).split('\n')) report({ path, message: `${rpcPlace(rpc)} ${line}` });
    };
    try {
      const routes = routesOf(rpc, api.prefix);
      if (routes.length === 0) continue;
      if (!upstreams.has(service)) upstreams.set(service, upstreamOf(rpc, api, { path, report }));
      const policy = policies.of(rpc);
      const upstream = upstreams.get(service);
      if (!upstream) continue;
      checkRules(rpc);
      const operation = toOperation(rpc, { upstream, policy });
      const { dialect, json } = api;
      const options = { dialect, reserved: operation.preferWait, json, compiled: codec !== 'reflective' };
      const codecOf = (route: Route) => createCodec(route, registry, options);
      const served = { api: api.name, dialect, json, prefix: api.prefix, operation };
      const own = routes.map((route) => ({ ...served, route, codec: codecOf(route) }));
      checkSockets(own);
      bound.push(...own);
    } catch (error) {
      refuse(error);
    }
  }
  policies.reportUnused();
  for (const name of Object.keys(api.upstreams).filter((name) => !upstreams.has(name))) {
    report({ path: [...path, 'upstreams', name], message: notServed(name, registry, api) });
  }
  return bound;
}

function upstreamOf(
  { parent: { typeName, name } }: DescMethod,
  api: ApiConfig,
  { path, report }: { path: ConfigPath; report: Report },
): Upstream | undefined {
  const upstream = api.upstreams[typeName];
  if (!upstream) {
    const message = `${typeName} has http rules, but no address here: add one, or name it in "ignore"`;
    report({ path: [...path, 'upstreams'], message });
    return undefined;
  }
  const {
    address,
    credentials,
    audience = name.toLowerCase(),
    tls,
    channel = api.channel,
    balancing,
    sessions,
  } = upstream;
  return { address, audience, credentials, tls: readTls(tls), channel: { kind: channel, balancing, sessions } };
}

/** The certificates that an upstream's entry names. */
export function readTls(tls: UpstreamConfig['tls']): UpstreamTls | undefined {
  const pem = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
  return tls && { ca: pem(tls.ca), cert: pem(tls.cert), key: pem(tls.key) };
}

/** Frames of WebSocket are JSON here. */
function checkSockets(routes: readonly BoundRoute[]): void {
  const raw = routes.find(({ operation, codec }) => operation.webSocket && (codec.takesRaw || codec.givesRaw));
  if (!raw) return;
  const { name, rpc } = raw.operation;
  const bidi = rpc.methodKind === 'bidi_streaming' ? 'streams of it in both directions are not served: ' : '';
  throw new Error(`${name}: google.api.HttpBody is bytes, not for WebSocket: ${bidi}make it a stream in one direction`);
}

/** `buf.validate` rules that cannot be evaluated would fail on each call. */
function checkRules({ input, name, parent }: DescMethod): void {
  try {
    violationsOf(input, create(input));
  } catch (error) {
    throw new Error(
      `${parent.typeName}.${name}: the rules of ${input.typeName} cannot be evaluated: ${messageOf(error)}`,
    );
  }
}

function notServed(name: string, registry: FileRegistry, { reflection }: ApiConfig): string {
  if (!registry.getService(name)) return `there is no service ${name} in the descriptors`;
  const hint = reflection ? '; some servers leave options out of their reflection: use a descriptor file then' : '';
  return `${name} has no RPC with a google.api.http rule${hint}`;
}

function* rpcsOf(registry: FileRegistry) {
  for (const type of registry) if (type.kind === 'service') yield* type.methods;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
