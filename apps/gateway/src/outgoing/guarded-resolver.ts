import { type ChannelOptions, experimental, Metadata, status } from '@grpc/grpc-js';
import { listEndpoints } from '#libs/calls';
import type { OutgoingRules } from './outgoing-rules.js';

const SCHEME = 'guarded';
const LIST_SCHEME = 'guarded-replicas';
/** Options under this prefix are for the channel alone; connections are not told apart by them. */
const RULES = `${experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.outgoing_rules`;

type Listener = experimental.ResolverListener;
type Endpoints = Parameters<Listener>[0];

/**
 * DNS for gRPC channels that only goes where the rules of the moment allow: every address is held against them on each
 * resolution, so that a name cannot be made to point elsewhere later.
 */
class GuardedResolver implements experimental.Resolver {
  private readonly inner: experimental.Resolver;

  constructor(target: experimental.GrpcUri, listener: Listener, options: ChannelOptions) {
    const rules: () => OutgoingRules = options[RULES];
    const host = experimental.splitHostPort(target.path)?.host ?? target.path;
    const guarded: Listener = (endpoints, ...others) =>
      listener(allowed(endpoints, { rules: rules(), host }), ...others);
    this.inner = experimental.createResolver({ scheme: 'dns', path: target.path }, guarded, options);
  }

  static getDefaultAuthority({ path }: experimental.GrpcUri): string {
    return path;
  }

  updateResolution(): void {
    this.inner.updateResolution();
  }

  destroy(): void {
    this.inner.destroy();
  }
}

function allowed(endpoints: Endpoints, { rules, host }: { rules: OutgoingRules; host: string }): Endpoints {
  if (!endpoints.ok) return endpoints;
  const refusals: string[] = [];
  const kept = endpoints.value.filter(({ addresses }) =>
    addresses.every((address) => {
      const refusal = 'host' in address ? rules.refusalOf(host, address.host) : `${host} is no network address`;
      if (refusal) refusals.push(refusal);
      return refusal === undefined;
    }),
  );
  if (kept.length > 0) return experimental.statusOrFromValue(kept);
  const details = refusals[0] ?? `${host} has no address`;
  return experimental.statusOrFromError({ code: status.UNAVAILABLE, details, metadata: new Metadata() });
}

experimental.registerResolver(SCHEME, GuardedResolver);
listEndpoints(LIST_SCHEME, SCHEME);

/** Target and options of a gRPC channel to host:port, or a list of such, that keeps to the rules. */
export function guardedTarget(
  address: string,
  rules: () => OutgoingRules,
): { target: string; options: ChannelOptions } {
  return { target: `${LIST_SCHEME}:${address}`, options: { [RULES]: rules } };
}
