import {
  type ChannelInterface,
  type ChannelOptions,
  connectivityState,
  type Deadline,
  experimental,
  propagate,
  status,
} from '@grpc/grpc-js';
import { Http2Call } from './call.js';
import type { CallChannel, PlacedCall } from './call-channel.js';
import type { Peer } from './connect.js';
import { Connectivity } from './connectivity.js';
import { Deadlines } from './deadlines.js';
import { type Balancing, Endpoints } from './endpoints.js';
import type { HeaderList } from './headers.js';
import type { Connect } from './session.js';
import { type ChannelSettings, settingsOf } from './settings.js';

export interface Http2ChannelOptions {
  /** `scheme:path`, of a scheme that a resolver of grpc-js is registered for. */
  readonly target: string;
  /** Those of grpc-js; its resolvers get them all. */
  readonly options: ChannelOptions;
  readonly peer: Peer;
  /** What frames its connections. */
  readonly connect: Connect;
  readonly balancing: Balancing;
  /** Connections to each endpoint that are kept. */
  readonly sessions: number;
}

type CreateCall = Parameters<ChannelInterface['createCall']>;
type Answer = Parameters<experimental.ResolverListener>[0];

/** A channel of gRPC whose calls go over HTTP/2, for `channelOverride` of grpc-js's Client. */
export class Http2Channel implements ChannelInterface, CallChannel {
  readonly settings: ChannelSettings;
  readonly deadlines = new Deadlines();
  private readonly resolver: experimental.Resolver;
  private readonly endpoints: Endpoints;
  private readonly connectivity: Connectivity;
  private readonly waiting = new Set<PlacedCall>();
  private readonly headers = new Map<string, HeaderList>();
  private isStarted = false;
  private isClosed = false;
  private unresolved: string | undefined;

  constructor(private readonly parts: Http2ChannelOptions) {
    const { target, options } = parts;
    this.settings = settingsOf(options);
    const [scheme = '', path] = target.split(/:(.*)/s);
    this.resolver = experimental.createResolver(
      { scheme, path: path ?? '' },
      (answer) => this.resolved(answer),
      options,
    );
    this.endpoints = new Endpoints(
      { ...parts, settings: this.settings },
      {
        changed: () => this.changed(),
        hasRoom: () => this.placeWaiting(),
        lost: () => this.isClosed || this.resolver.updateResolution(),
      },
    );
    this.connectivity = new Connectivity(() => this.state);
  }

  getTarget(): string {
    return this.parts.target;
  }

  createCall(...[path, deadline, , parent, flags]: CreateCall): Http2Call {
    const passedOn = parent ? (flags ?? propagate.DEFAULTS) : 0;
    const isBounded = parent && passedOn & propagate.DEADLINE;
    const call = this.begin(path, isBounded ? Math.min(Number(deadline), Number(parent.getDeadline())) : deadline);
    if (parent && passedOn & propagate.CANCELLATION) {
      parent.on('cancelled', () => call.cancelWithStatus(status.CANCELLED, 'Cancelled by parent call'));
    }
    return call;
  }

  /** A call that nothing is passed on to. */
  begin(path: string, deadline: Deadline): Http2Call {
    if (this.isClosed) throw new Error('Channel has been shut down');
    return new Http2Call(this, path, Number(deadline));
  }

  getConnectivityState(tryToConnect: boolean): connectivityState {
    if (tryToConnect) this.connect();
    return this.state;
  }

  watchConnectivityState(from: connectivityState, deadline: Deadline, callback: (error?: Error) => void): void {
    if (this.isClosed) throw new Error('Channel has been shut down');
    this.connectivity.watch(from, deadline, callback);
  }

  /** Not in channelz: an empty reference, as grpc-js gives where that is off. */
  getChannelzRef(): ReturnType<ChannelInterface['getChannelzRef']> {
    return { kind: 'channel', id: -1, name: this.parts.target } as ReturnType<ChannelInterface['getChannelzRef']>;
  }

  /** Running calls go on to their ends, waiting ones are over. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.resolver.destroy();
    this.endpoints.close();
    for (const call of this.waiting) call.fail('Channel closed before call started');
    this.waiting.clear();
    this.connectivity.changed();
  }

  headersTo(path: string): HeaderList {
    const known = this.headers.get(path);
    if (known) return known;
    const { tls, authority } = this.parts.peer;
    const headers = [
      ...[':method', 'POST', ':scheme', tls ? 'https' : 'http', ':authority', authority, ':path', path],
      ...['te', 'trailers', 'content-type', 'application/grpc', 'user-agent', this.settings.userAgent],
      ...['grpc-accept-encoding', 'identity'],
    ];
    // Paths are those of methods; a caller that makes them up does not fill the memory.
    if (this.headers.size < MOST_PATHS) this.headers.set(path, headers);
    return headers;
  }

  place(call: PlacedCall): void {
    if (this.isClosed) {
      call.fail('Channel closed before call started');
      return;
    }
    this.connect();
    const place = this.endpoints.pick();
    if (place) {
      call.open(place);
      return;
    }
    const failure = this.failure;
    if (failure !== undefined && !call.waitsForReady) {
      call.fail(failure);
      return;
    }
    call.wait();
    this.waiting.add(call);
    if (this.endpoints.isReady) this.endpoints.grow();
  }

  private connect(): void {
    if (this.isStarted || this.isClosed) return;
    this.isStarted = true;
    this.resolver.updateResolution();
    this.endpoints.connect();
  }

  private resolved(answer: Answer): boolean {
    if (this.isClosed) return true;
    if (answer.ok) {
      this.unresolved = undefined;
      this.endpoints.replace(answer.value.map(({ addresses }) => addresses));
    } else {
      this.unresolved = answer.error.details;
    }
    this.changed();
    return true;
  }

  /** Why there is no hope of a connection now. */
  private get failure(): string | undefined {
    if (this.endpoints.isReady) return undefined;
    if (this.endpoints.isEmpty) return this.unresolved;
    const { failure } = this.endpoints;
    return failure === undefined ? undefined : `No connection established. Last error: ${failure}`;
  }

  private get state(): connectivityState {
    if (this.isClosed) return connectivityState.SHUTDOWN;
    if (!this.isStarted) return connectivityState.IDLE;
    if (this.endpoints.isReady) return connectivityState.READY;
    return this.failure === undefined ? connectivityState.CONNECTING : connectivityState.TRANSIENT_FAILURE;
  }

  private changed(): void {
    this.placeWaiting();
    const { failure } = this;
    if (failure !== undefined) {
      for (const call of this.waiting) {
        if (call.waitsForReady) continue;
        this.waiting.delete(call);
        call.fail(failure);
      }
    }
    this.connectivity.changed();
  }

  private placeWaiting(): void {
    for (const call of this.waiting) {
      if (!call.isOver) {
        const place = this.endpoints.pick();
        if (!place) break;
        this.waiting.delete(call);
        call.open(place);
      } else this.waiting.delete(call);
    }
    if (this.waiting.size > 0 && this.endpoints.isReady) this.endpoints.grow();
  }
}

const MOST_PATHS = 10_000;
