import { status } from '@grpc/grpc-js';
import { BackOff } from './back-off.js';
import type { Address, Peer } from './connect.js';
import { Connection, type ConnectionOwner } from './connection.js';
import type { Connect } from './session.js';
import type { ChannelSettings } from './settings.js';

/** So many calls in a row that broke put an endpoint aside for a while, if it is not the only one. */
const FAILURES = 5;
const FIRST_EJECTION_MS = 5_000;
const LONGEST_EJECTION_MS = 60_000;
/** A deadline that the caller made short says nothing of the endpoint. */
const SLOW_MS = 1_000;
/** A connection that ends sooner is one that failed, as far as the next attempt is concerned. */
const SHORT_LIFE_MS = 1_000;
/** Connections to one endpoint, where it takes fewer streams on each than are needed. */
const MOST_CONNECTIONS = 8;

export interface EndpointOwner {
  /** Which connections can be called may be another list now. */
  changed(): void;
  hasRoom(): void;
  /** A connection broke, or could not be made: the name may lead elsewhere by now. */
  lost(): void;
  /** Whether one more endpoint may be put aside. */
  mayEject(): boolean;
}

export interface EndpointParts {
  readonly peer: Peer;
  readonly connect: Connect;
  readonly settings: ChannelSettings;
  /** Connections that are kept. */
  readonly sessions: number;
}

/** One server, by one address or several: its connections, made again when they break, and how its calls go. */
export class Endpoint {
  readonly connections: Connection[] = [];
  /** Why the last attempt to connect failed; undefined while there is hope. */
  failure: string | undefined;
  private readonly backOff: BackOff;
  private pause: NodeJS.Timeout | undefined;
  private keepaliveMs: number;
  private attempts = 0;
  private isClosed = false;
  private failures = 0;
  private ejections = 0;
  private ejectedUntil = 0;

  constructor(
    private readonly addresses: readonly Address[],
    private readonly parts: EndpointParts,
    private readonly owner: EndpointOwner,
  ) {
    this.keepaliveMs = parts.settings.keepaliveMs;
    this.backOff = new BackOff(parts.settings.firstPauseMs, parts.settings.longestPauseMs);
  }

  get isEjected(): boolean {
    return this.ejectedUntil !== 0 && this.ejectedUntil > Date.now();
  }

  /** Connects as often as it should be connected, unless the last attempt was just now. */
  connect(): void {
    if (this.isClosed || this.pause) return;
    while (this.count < this.parts.sessions) this.add(false);
  }

  /** One connection more, as all that there are take no more calls. */
  grow(): void {
    if (this.isClosed || this.pause || this.count >= MOST_CONNECTIONS) return;
    if (!this.connections.some(({ state }) => state === 'connecting')) this.add(this.count >= this.parts.sessions);
  }

  /** What became of a call. `startedAt`: when it was put on a connection, in epoch milliseconds. */
  report(code: status, startedAt: number): void {
    if (!isBreakdown(code, startedAt)) {
      this.failures = 0;
      if (code === status.OK) this.ejections = 0;
    } else if (++this.failures >= FAILURES && !this.isEjected && this.owner.mayEject()) {
      this.failures = 0;
      this.ejectedUntil = Date.now() + Math.min(LONGEST_EJECTION_MS, FIRST_EJECTION_MS * 2 ** this.ejections++);
      this.owner.changed();
      // Told once more when it is over.
      setTimeout(() => this.owner.changed(), this.ejectedUntil - Date.now() + 1).unref();
    }
  }

  /** Running calls end. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.pause);
    for (const connection of [...this.connections]) connection.drain();
  }

  private get count(): number {
    return this.connections.filter(({ state }) => state !== 'draining').length;
  }

  private add(isExtra: boolean): void {
    const address = this.addresses[this.attempts++ % this.addresses.length];
    if (!address) return;
    const { peer, connect, settings } = this.parts;
    const owner: ConnectionOwner = {
      pingedTooOften: () => {
        this.keepaliveMs *= 2;
      },
      changed: (connection: Connection) => this.connectionChanged(connection),
      hasRoom: () => this.owner.hasRoom(),
      closed: (connection: Connection) => this.connectionClosed(connection),
    };
    this.connections.push(
      new Connection(address, {
        peer,
        connect,
        settings: { ...settings, keepaliveMs: this.keepaliveMs },
        owner,
        isExtra,
      }),
    );
  }

  private connectionChanged(connection: Connection): void {
    if (connection.state === 'ready') this.failure = undefined;
    // One that drains is replaced while it does.
    else this.connectAfter(connection);
    this.owner.changed();
  }

  private connectionClosed(connection: Connection): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    const isLast = this.connections.every(({ state }) => state !== 'ready');
    if (connection.ageMs === undefined && isLast) this.failure = `${connection.peer}: ${connection.reason}`;
    // It may be another process that is there next.
    this.failures = 0;
    this.ejectedUntil = 0;
    if (!this.isClosed) {
      this.owner.lost();
      this.connectAfter(connection);
    }
    this.owner.changed();
  }

  /** One that had worked is made again at once; one that had not, or not for long, after a pause. */
  private connectAfter({ ageMs }: Connection): void {
    if (ageMs === undefined || ageMs < SHORT_LIFE_MS) {
      this.connectLater();
      return;
    }
    this.backOff.reset();
    this.connect();
  }

  private connectLater(): void {
    if (this.isClosed) return;
    this.pause ??= setTimeout(() => {
      this.pause = undefined;
      this.connect();
    }, this.backOff.pause()).unref();
  }
}

/** Whether a call ended as calls do when the server is not well, and not as the server's code wanted it. */
function isBreakdown(code: status, startedAt: number): boolean {
  if (code === status.DEADLINE_EXCEEDED) return Date.now() - startedAt >= SLOW_MS;
  return code === status.UNAVAILABLE || code === status.INTERNAL || code === status.UNKNOWN;
}
