import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { type Address, connect, type Peer } from './connect.js';
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
  readonly settings: Pick<ChannelSettings, 'keepaliveMs' | 'keepaliveTimeoutMs'>;
  readonly owner: ConnectionOwner;
  /** Beyond those that are kept: it ends when nobody needs it. */
  readonly isExtra: boolean;
}

/** One HTTP/2 session to one address. */
export class Connection {
  /** Calls that run. */
  active = 0;
  state: 'connecting' | 'ready' | 'draining' | 'closed' = 'connecting';
  /** Why it is closed. */
  reason = 'the connection was closed';
  readonly peer: string;
  private readonly session: ClientHttp2Session;
  private readonly socket: Socket;
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
    const { session, socket } = connect(address, parts.peer);
    this.session = session;
    this.socket = socket;
    this.timer = setTimeout(() => this.destroy('it did not answer in time'), CONNECT_LIMIT_MS);
    socket.once('error', ({ message }) => this.end(message));
    session.on('error', ({ message }) => this.end(message));
    session.once('close', () => this.end(this.reason));
    session.on('remoteSettings', ({ maxConcurrentStreams }) => this.becomeReady(maxConcurrentStreams));
    session.once('goaway', (code, _last, data) => {
      // https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md#basic-keepalive
      const isPings = code === constants.NGHTTP2_ENHANCE_YOUR_CALM && String(data) === 'too_many_pings';
      if (isPings) parts.owner.pingedTooOften();
      // With an error node ends the session, and all calls on it, at once.
      if (code === constants.NGHTTP2_NO_ERROR) this.drain();
      else this.destroy(`the server ended it by GOAWAY with code ${code}`);
    });
    // Calls hold the process, connections do not.
    session.unref();
  }

  /** Whether a call may be put on it now. */
  get isFree(): boolean {
    return this.state === 'ready' && this.active < this.room && !this.session.closed && !this.session.destroyed;
  }

  /** Its calls that end now end because of it. */
  get isBroken(): boolean {
    return this.session.destroyed;
  }

  /** For how long it has been, or was, of use; undefined for one that never came to be. */
  get ageMs(): number | undefined {
    return this.readyAt === undefined ? undefined : Date.now() - this.readyAt;
  }

  /** Begins a call. Throws when the headers cannot be sent. Each is followed by one `release`. */
  open(headers: readonly string[]): ClientHttp2Stream {
    const stream = this.session.request(headers, KEEP_OPEN);
    if (this.active++ === 0) this.session.ref();
    return stream;
  }

  release(): void {
    if (--this.active === 0) {
      this.idleSince = Date.now();
      if (!this.session.destroyed) this.session.unref();
    }
    this.parts.owner.hasRoom();
  }

  /** Takes no more calls, and closes when the last has ended. */
  drain(): void {
    if (this.state === 'closed' || this.state === 'draining') return;
    const wasConnecting = this.state === 'connecting';
    this.state = 'draining';
    if (wasConnecting) this.destroy('it is no longer wanted');
    else if (!this.session.closed) this.session.close();
    this.parts.owner.changed(this);
  }

  destroy(reason: string): void {
    this.reason = reason;
    this.session.destroy();
    this.socket.destroy();
    this.end(reason);
  }

  private becomeReady(maxConcurrentStreams: number | undefined): void {
    this.room = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    if (this.state === 'connecting') {
      this.state = 'ready';
      this.readyAt = Date.now();
      clearTimeout(this.timer);
      this.watch();
    }
    this.parts.owner.changed(this);
  }

  /** Whatever arrives is a sign of life; where nothing did, a ping asks for one. */
  private watch(): void {
    const { keepaliveMs } = this.parts.settings;
    if (keepaliveMs === 0) return;
    this.timer = setTimeout(() => {
      if (this.session.destroyed) this.destroy(this.reason);
      else if (this.parts.isExtra && this.active === 0 && Date.now() - this.idleSince > IDLE_LIMIT_MS) this.drain();
      else if (this.socket.bytesRead === this.seenBytes) this.ping();
      else this.watch();
      this.seenBytes = this.socket.bytesRead;
    }, keepaliveMs).unref();
  }

  private ping(): void {
    const giveUp = () => this.destroy('it does not answer pings');
    this.timer = setTimeout(giveUp, this.parts.settings.keepaliveTimeoutMs).unref();
    const wasSent = this.session.ping((error) => {
      clearTimeout(this.timer);
      if (error) giveUp();
      else if (this.state !== 'closed') this.watch();
    });
    if (!wasSent) giveUp();
  }

  private end(reason: string): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.reason = reason;
    clearTimeout(this.timer);
    if (!this.session.destroyed) this.session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
    this.parts.owner.closed(this);
  }
}

const KEEP_OPEN = { endStream: false };
