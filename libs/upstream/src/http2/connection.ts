import { constants } from 'node:http2';
import type { Address, Peer } from './connect.js';
import type { CallEvents, CallStream, Connect, RequestHead, Session, SessionEvents } from './session.js';
import type { ChannelSettings } from './settings.js';

/** A server that takes the connection and then says nothing is given up. */
const CONNECT_LIMIT_MS = 5_000;
/** Of one more connection than there are by default. */
const IDLE_LIMIT_MS = 30_000;

export interface ConnectionOwner {
  /** It can be called; or it can no longer, and runs out. */
  changed(connection: Connection): void;
  /** A call has ended on it. */
  hasRoom(): void;
  /** The server wants fewer pings. */
  pingedTooOften(): void;
  /** Once, at its end. */
  closed(connection: Connection): void;
}

export interface ConnectionParts {
  readonly peer: Peer;
  readonly connect: Connect;
  readonly settings: Pick<ChannelSettings, 'keepaliveMs' | 'keepaliveTimeoutMs'>;
  readonly owner: ConnectionOwner;
  /** Beyond those that are kept: it ends when nobody needs it. */
  readonly isExtra: boolean;
}

/** One HTTP/2 session to one address: how it is watched over, whoever frames it. */
export class Connection implements SessionEvents {
  /** Calls that run. */
  active = 0;
  state: 'connecting' | 'ready' | 'draining' | 'closed' = 'connecting';
  /** Why it is closed. */
  reason = 'the connection was closed';
  readonly peer: string;
  private readonly session: Session;
  private room = 0;
  private readyAt: number | undefined;
  private timer: NodeJS.Timeout;
  private seenBytes = 0;
  private idleSince = Date.now();

  constructor(
    address: Address,
    private readonly parts: ConnectionParts,
  ) {
    this.peer = 'path' in address ? address.path : `${address.host}:${address.port}`;
    this.session = parts.connect(address, parts.peer, this);
    this.timer = setTimeout(() => this.destroy('it did not answer in time'), CONNECT_LIMIT_MS);
  }

  /** Whether a call may be put on it now. */
  get isFree(): boolean {
    return this.state === 'ready' && this.active < this.room && this.session.isOpen;
  }

  /** Its calls that end now end because of it. */
  get isBroken(): boolean {
    return this.session.isDestroyed;
  }

  /** For how long it has been, or was, of use; undefined for one that never came to be. */
  get ageMs(): number | undefined {
    return this.readyAt === undefined ? undefined : Date.now() - this.readyAt;
  }

  /** Begins a call. Throws when the headers cannot be sent. Each is followed by one `release`. */
  open(head: RequestHead, events: CallEvents): CallStream {
    const stream = this.session.open(head, events);
    if (this.active++ === 0) this.session.ref();
    return stream;
  }

  release(): void {
    if (--this.active === 0) {
      this.idleSince = Date.now();
      this.session.unref();
    }
    this.parts.owner.hasRoom();
  }

  /** Takes no more calls, and closes when the last has ended. */
  drain(): void {
    if (this.state === 'closed' || this.state === 'draining') return;
    const wasConnecting = this.state === 'connecting';
    this.state = 'draining';
    if (wasConnecting) this.destroy('it is no longer wanted');
    else this.session.close();
    this.parts.owner.changed(this);
  }

  destroy(reason: string): void {
    this.reason = reason;
    this.session.destroy();
    this.onClosed(reason);
  }

  onReady(maxConcurrentStreams: number): void {
    this.room = maxConcurrentStreams;
    if (this.state === 'connecting') {
      this.state = 'ready';
      this.readyAt = Date.now();
      clearTimeout(this.timer);
      this.watch();
    }
    this.parts.owner.changed(this);
  }

  onGoaway(code: number, text: string): void {
    // https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md#basic-keepalive
    const isPings = code === constants.NGHTTP2_ENHANCE_YOUR_CALM && text === 'too_many_pings';
    if (isPings) this.parts.owner.pingedTooOften();
    // With an error the session ends, and all calls on it, at once.
    if (code === constants.NGHTTP2_NO_ERROR) this.drain();
    else this.destroy(`the server ended it by GOAWAY with code ${code}`);
  }

  onClosed(reason = this.reason): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.reason = reason;
    clearTimeout(this.timer);
    this.parts.owner.closed(this);
  }

  /** Whatever arrives is a sign of life; where nothing did, a ping asks for one. */
  private watch(): void {
    const { keepaliveMs } = this.parts.settings;
    if (keepaliveMs === 0) return;
    this.timer = setTimeout(() => {
      if (this.session.isDestroyed) this.destroy(this.reason);
      else if (this.parts.isExtra && this.active === 0 && Date.now() - this.idleSince > IDLE_LIMIT_MS) this.drain();
      else if (this.session.bytesRead === this.seenBytes) this.ping();
      else this.watch();
      this.seenBytes = this.session.bytesRead;
    }, keepaliveMs).unref();
  }

  private ping(): void {
    const giveUp = () => this.destroy('it does not answer pings');
    this.timer = setTimeout(giveUp, this.parts.settings.keepaliveTimeoutMs).unref();
    this.session.ping((isAlive) => {
      clearTimeout(this.timer);
      if (!isAlive) giveUp();
      else if (this.state !== 'closed') this.watch();
    });
  }
}
