import type { Client } from '@grpc/grpc-js';
import { type PrincipalTokens, serviceSubject } from '#libs/identity';
import type { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import type { IssuerConfig } from '../config/issuer.js';
import { EndedSessions } from './ended-sessions.js';
import { EndedSessionsFeed } from './ended-sessions-feed.js';

const SELF = { subject: serviceSubject('gateway'), scopes: [] };

export interface FeedParts {
  readonly tokens: Pick<PrincipalTokens, 'mint'>;
  readonly open: (address: string) => Client;
  readonly log: Log;
}

interface Entry {
  readonly issuer: string;
  readonly address: string;
  readonly audience: string;
  readonly ended: EndedSessions;
  feed?: EndedSessionsFeed;
}

/** The ended sessions of each issuer that tells of them. What is known outlives a new configuration of the same feed. */
export class SessionFeeds {
  private entries = new Map<string, Entry>();
  private parts: FeedParts | undefined;
  private stopObserving = () => {};

  /** Listens to the feeds of these issuers from now on, and no longer to others. */
  use(configs: readonly IssuerConfig[]): void {
    const before = this.entries;
    this.entries = new Map();
    for (const config of configs) {
      if (!config.endedSessions) continue;
      const key = keyOf(config);
      const { address, audience } = config.endedSessions;
      const entry = before.get(key) ?? { issuer: config.issuer, address, audience, ended: new EndedSessions() };
      this.entries.set(key, entry);
      this.listen(entry);
    }
    for (const [key, { feed }] of before) if (!this.entries.has(key)) void feed?.close();
  }

  /** Begins to listen, once there are keys to sign with. */
  start(parts: FeedParts): void {
    this.parts = parts;
    for (const entry of this.entries.values()) this.listen(entry);
    this.observe();
  }

  /** What is known of an issuer; undefined for one without a feed. */
  of(config: IssuerConfig): EndedSessions | undefined {
    return this.entries.get(keyOf(config))?.ended;
  }

  /** Which issuer has told nothing since the start; for readiness. */
  problem(): string | undefined {
    const silent = [...this.entries.values()].filter(({ ended }) => ended.ageMs === Number.POSITIVE_INFINITY);
    return silent.length > 0 ? `nothing heard yet from ${silent.map(({ address }) => address).join(', ')}` : undefined;
  }

  async close(): Promise<void> {
    this.stopObserving();
    await Promise.all([...this.entries.values()].map(({ feed }) => feed?.close()));
  }

  private listen(entry: Entry): void {
    if (!this.parts || entry.feed) return;
    const { tokens, open, log } = this.parts;
    const token = () => tokens.mint(SELF, entry.audience);
    entry.feed = new EndedSessionsFeed({ client: open(entry.address), token, ended: entry.ended, log });
  }

  private observe(): void {
    const age = meter('gateway').createObservableGauge('ended_sessions_feed_age', {
      description: 'How old the knowledge of ended sessions is',
      unit: 's',
    });
    const count = meter('gateway').createObservableGauge('ended_sessions', {
      description: 'Ended sessions whose access tokens may not have expired',
    });
    const observe = (result: { observe(gauge: typeof age, value: number, attributes: { issuer: string }): void }) => {
      for (const { issuer, ended } of this.entries.values()) {
        if (Number.isFinite(ended.ageMs)) result.observe(age, ended.ageMs / 1000, { issuer });
        result.observe(count, ended.size, { issuer });
      }
    };
    meter('gateway').addBatchObservableCallback(observe, [age, count]);
    this.stopObserving = () => meter('gateway').removeBatchObservableCallback(observe, [age, count]);
  }
}

const keyOf = ({ issuer, endedSessions }: IssuerConfig) =>
  JSON.stringify([issuer, endedSessions?.address, endedSessions?.audience]);
