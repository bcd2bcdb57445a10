import { ENVOY } from './envoy.js';
import type { Gateway } from './gateway.js';
import { GRPC_GATEWAYS } from './grpc-gateway.js';
import { NEST_GATEWAYS } from './nest.js';
import { OURS } from './ours.js';

/** Plain ones first, then those that ask for a token. */
export const GATEWAYS: readonly Gateway[] = [...OURS, ...GRPC_GATEWAYS, ...NEST_GATEWAYS, ENVOY].toSorted(
  (a, b) => Number(a.guarded) - Number(b.guarded),
);

/** Gateways by their ids, separated by commas. @throws naming the one that is none */
export function gatewaysNamed(ids: string): Gateway[] {
  return ids.split(',').map((id) => {
    const gateway = GATEWAYS.find((it) => it.id === id);
    if (gateway) return gateway;
    throw new Error(`--gateways ${id}: there are ${GATEWAYS.map((it) => it.id).join(', ')}`);
  });
}
