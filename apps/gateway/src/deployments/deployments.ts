import type { PrincipalTokens } from '#libs/identity';
import type { Log } from '#libs/service';
import { OutgoingRules } from '../outgoing/outgoing-rules.js';
import { AccessTokens } from '../pipeline/access-tokens.js';
import { SessionFeeds } from '../sessions/session-feeds.js';
import { openChannel, UpstreamChannels } from '../upstream/channels.js';
import type { Deployment } from './deployment.js';

/** What the gateway serves now, and what outlives that: channels, keys of issuers and verdicts on tokens. */
export class Deployments {
  readonly channels = new UpstreamChannels(() => this.rules);
  readonly sessionFeeds = new SessionFeeds();
  readonly accessTokens = new AccessTokens(() => this.rules, this.sessionFeeds);
  private rules: OutgoingRules;
  private serving: Deployment;
  /** Counts from 1. */
  private replaced = 0;

  constructor(first: Deployment) {
    this.rules = new OutgoingRules(first.config.outgoing);
    this.serving = first;
    this.channels.hold(first.upstreams);
    this.accessTokens.use(first.config.issuers);
  }

  get current(): Deployment {
    return this.serving;
  }

  /** How many deployments came before the current one. */
  get generation(): number {
    return this.replaced;
  }

  /**
   * Serves another deployment from the next request on. Requests that run, streams among them, end under the old one;
   * then the channels that only it used are closed, and the promise resolves. Throws before anything has changed.
   */
  replace(next: Deployment): Promise<void> {
    const old = this.serving;
    this.accessTokens.use(next.config.issuers);
    this.rules = new OutgoingRules(next.config.outgoing);
    this.channels.hold(next.upstreams);
    this.serving = next;
    this.replaced++;
    return old.retire().then(() => this.channels.release(old.upstreams));
  }

  /** Begins to hear which sessions have ended, once there are keys to sign with. */
  startFeeds(tokens: PrincipalTokens, log: Log): void {
    const open = (address: string) => openChannel({ address, tls: undefined }, () => this.rules);
    this.sessionFeeds.start({ tokens, log, open });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sessionFeeds.close();
    this.channels.close();
  }
}
