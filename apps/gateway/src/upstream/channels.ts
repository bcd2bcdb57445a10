import { createHash } from 'node:crypto';
import type { ChannelOptions, Client } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from '#libs/calls';
import { openUpstream } from '#libs/upstream';
import type { Upstream, UpstreamChannel } from '../operations/operation.js';
import { guardedTarget } from '../outgoing/guarded-resolver.js';
import type { OutgoingRules } from '../outgoing/outgoing-rules.js';

const READY_LIMIT_MS = 1_500;

const OPTIONS: ChannelOptions = {
  ...CHANNEL_OPTIONS,
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
  'grpc.max_send_message_length': 16 * 1024 * 1024,
};

/** What a channel is made of. */
export type Target = Pick<Upstream, 'address' | 'tls'> & { readonly channel?: UpstreamChannel };

/** For the gateway's own questions: sessions that ended, reflection. */
const OWN_CHANNEL: UpstreamChannel = { kind: 'grpc-js' };

interface Entry {
  readonly client: Client;
  readonly address: string;
  holders: number;
}

/** One channel to each address; services at the same address share it. It lives as long as some deployment holds it. */
export class UpstreamChannels {
  private readonly entries = new Map<string, Entry>();

  /** `rules` say where channels may connect to, asked at each resolution of a name. */
  constructor(private readonly rules: () => OutgoingRules) {}

  /** Holds the channels to these targets, opening those that are new. */
  hold(targets: Iterable<Target>): void {
    for (const [key, target] of distinct(targets)) {
      const entry = this.entries.get(key);
      if (entry) entry.holders++;
      else this.entries.set(key, { client: openChannel(target, this.rules), address: target.address, holders: 1 });
    }
  }

  /** Gives them back; a channel that nobody holds is closed. */
  release(targets: Iterable<Target>): void {
    for (const [key] of distinct(targets)) {
      const entry = this.entries.get(key);
      if (!entry || --entry.holders > 0) continue;
      this.entries.delete(key);
      entry.client.close();
    }
  }

  to(target: Target): Client {
    const entry = this.entries.get(keyOf(target));
    if (!entry) throw new Error(`there is no channel to ${target.address}`);
    return entry.client;
  }

  /** Addresses with an open channel. */
  get addresses(): string[] {
    return [...this.entries.values()].map(({ address }) => address);
  }

  /** Those targets that cannot be reached now, waiting up to 1.5 s for them; for readiness. */
  async unreachable(targets: Iterable<Target>): Promise<string[]> {
    const states = await Promise.all(
      [...distinct(targets).values()].map(async (target) => [target.address, await ready(this.to(target))] as const),
    );
    return states.filter(([, isReady]) => !isReady).map(([address]) => address);
  }

  close(): void {
    for (const { client } of this.entries.values()) client.close();
    this.entries.clear();
  }
}

/** A channel of its own to an upstream. Throws when its certificates are none. */
export function openChannel({ address, tls, channel = OWN_CHANNEL }: Target, rules: () => OutgoingRules): Client {
  const { target, options } = guardedTarget(address, rules);
  const { kind, balancing, sessions } = channel;
  const [authority = address] = address.split(',');
  const upstream = { channel: kind, target, authority, tls, balancing, sessions };
  return openUpstream({ ...upstream, options: { ...OPTIONS, ...options } });
}

const keys = new WeakMap<Target, string>();

/** Changes with the certificates too, so that renewed ones are used. */
function keyOf(target: Target): string {
  const known = keys.get(target);
  if (known !== undefined) return known;
  const { address, tls, channel } = target;
  const pem =
    tls &&
    createHash('sha256')
      .update(JSON.stringify([tls.ca, tls.cert, tls.key]))
      .digest('base64');
  const key = JSON.stringify([address, pem, channel]);
  keys.set(target, key);
  return key;
}

function distinct(targets: Iterable<Target>): Map<string, Target> {
  return new Map([...targets].map((target) => [keyOf(target), target]));
}

function ready(client: Client): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  client.waitForReady(Date.now() + READY_LIMIT_MS, (error) => resolve(!error));
  return promise;
}
