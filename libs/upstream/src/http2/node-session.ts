import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { type Address, openSocket, type Peer, SESSION_WINDOW, STREAM_WINDOW } from './connect.js';
import type { CallEvents, RequestHead, Session, SessionEvents } from './session.js';
import { listenTo } from './stream-events.js';

/** A session of node:http2. */
export class NodeSession implements Session {
  private readonly session: ClientHttp2Session;
  private readonly socket: Socket;
  private isTold = false;

  constructor(
    address: Address,
    peer: Peer,
    private readonly events: SessionEvents,
  ) {
    const socket = openSocket(address, peer);
    const session = connectHttp2(`${peer.tls ? 'https' : 'http'}://${peer.authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      // Headers are bounded by those who set them.
      maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
      // Windows bound what a peer can send; node's own limit is in megabytes, and refuses streams when it is reached.
      maxSessionMemory: 1_024,
    });
    this.socket = socket;
    this.session = session;
    session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
    socket.once('error', ({ message }) => this.closed(message));
    session.on('error', ({ message }) => this.closed(message));
    session.once('close', () => this.closed());
    session.on('remoteSettings', ({ maxConcurrentStreams }) =>
      events.onReady(maxConcurrentStreams ?? Number.POSITIVE_INFINITY),
    );
    session.once('goaway', (code, _last, data) => events.onGoaway(code, String(data ?? '')));
    // Calls hold the process, connections do not.
    session.unref();
  }

  get bytesRead(): number {
    return this.socket.bytesRead;
  }

  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  get isDestroyed(): boolean {
    return this.session.destroyed;
  }

  open({ shared, own }: RequestHead, events: CallEvents): ClientHttp2Stream {
    const stream = this.session.request([...shared, ...own], KEEP_OPEN);
    listenTo(stream, events);
    return stream;
  }

  ping(answered: (isAlive: boolean) => void): void {
    if (this.session.destroyed || !this.session.ping((error) => answered(!error))) answered(false);
  }

  ref(): void {
    if (!this.session.destroyed) this.session.ref();
  }

  unref(): void {
    if (!this.session.destroyed) this.session.unref();
  }

  close(): void {
    if (!this.session.closed) this.session.close();
  }

  destroy(): void {
    if (!this.session.destroyed) this.session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
    this.socket.destroy();
  }

  private closed(reason?: string): void {
    if (this.isTold) return;
    this.isTold = true;
    this.destroy();
    this.events.onClosed(reason);
  }
}

const KEEP_OPEN = { endStream: false };
