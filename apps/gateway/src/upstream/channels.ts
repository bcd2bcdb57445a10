import { type ChannelOptions, Client, credentials } from '@grpc/grpc-js';

const READY_LIMIT_MS = 1_500;

// A restarted service is used again within a second; a connection that died silently is noticed within 15 s.
const OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc.max_send_message_length': 16 * 1024 * 1024,
};

/** One channel to each address; services at the same address share it. */
export class UpstreamChannels {
  private readonly clients: ReadonlyMap<string, Client>;

  constructor(addresses: Iterable<string>) {
    this.clients = new Map(
      [...new Set(addresses)].map((address) => [address, new Client(address, credentials.createInsecure(), OPTIONS)]),
    );
  }

  to(address: string): Client {
    const client = this.clients.get(address);
    if (!client) throw new Error(`there is no channel to ${address}`);
    return client;
  }

  /** Addresses that cannot be reached now, waiting up to 1.5 s for them; for readiness. */
  async unreachable(): Promise<string[]> {
    const states = await Promise.all(
      [...this.clients].map(async ([address, client]) => [address, await ready(client)] as const),
    );
    return states.filter(([, isReady]) => !isReady).map(([address]) => address);
  }

  onApplicationShutdown(): void {
    for (const client of this.clients.values()) client.close();
  }
}

function ready(client: Client): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  client.waitForReady(Date.now() + READY_LIMIT_MS, (error) => resolve(!error));
  return promise;
}
