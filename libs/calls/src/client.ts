import { type ChannelCredentials, type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import { listEndpoints } from './endpoint-list.js';

const SCHEME = 'replicas';

/**
 * What every channel has: calls go to all replicas in turn, a restarted one is used again within a second, a connection that
 * died silently is noticed within 15 s. What DNS says beyond addresses is not read.
 */
export const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.service_config_disable_resolution': 1,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  // grpc-js adds up to a fifth.
  'grpc.max_reconnect_backoff_ms': 800,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.enable_http_proxy': 0,
  // A channel that is closed ends its connections: it shares them with no other.
  'grpc.use_local_subchannel_pool': 1,
};

listEndpoints(SCHEME, 'dns');

/** A channel to all replicas behind `host:port`, or behind a list of such separated by commas. Without TLS by default. */
export function openClient(
  address: string,
  options: ChannelOptions = {},
  channelCredentials: ChannelCredentials = credentials.createInsecure(),
): Client {
  return new Client(`${SCHEME}:${address}`, channelCredentials, { ...CHANNEL_OPTIONS, ...options });
}
