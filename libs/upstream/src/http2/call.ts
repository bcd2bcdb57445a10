import { constants } from 'node:http2';
import type { experimental, Metadata, StatusObject } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { outcomeOf, refusalOf, statusOfUnreadable, textOf } from './answers.js';
import type { CallChannel, PlacedCall } from './call-channel.js';
import { type CallCredentials, withCredentials } from './credentials.js';
import type { Expiring } from './deadlines.js';
import type { Place } from './endpoints.js';
import { type HeaderList, ownHeaders, readHeaders } from './headers.js';
import { Inbox } from './inbox.js';
import { framed, UnreadableMessage } from './message-reader.js';
import type { CallEvents, CallStream } from './session.js';
import { statusOf, statusOfReset } from './status.js';

type GrpcCall = experimental.CallStream;
type Listener = Parameters<GrpcCall['start']>[1];
type MessageContext = Parameters<GrpcCall['sendMessageWithContext']>[0];

interface Waiting {
  readonly frame: Buffer;
  readonly callback: MessageContext['callback'];
}

/** One call, as grpc-js's Client drives it, on one stream of HTTP/2. */
export class Http2Call implements GrpcCall, PlacedCall, Expiring, CallEvents {
  waitsForReady = false;
  private listener: Listener | undefined;
  private metadata: Metadata | undefined;
  private credentials: CallCredentials | undefined;
  private sent: Waiting[] = [];
  private hasHalfClosed = false;
  private hasBegun = false;
  private hasEnded = false;
  private at: Place | undefined;
  private stream: CallStream | undefined;
  private openedAt = 0;

  private readonly inbox: Inbox;
  private hasHeaders = false;
  /** How it has ended for the server; the caller is told when it has taken all messages. */
  private final: StatusObject | undefined;

  constructor(
    private readonly channel: CallChannel,
    readonly path: string,
    /** Epoch milliseconds. */
    readonly deadline: number,
  ) {
    this.inbox = new Inbox(channel.settings.maxReceive, this);
  }

  // What grpc-js's Client does with a call.

  start(metadata: Metadata, listener: Listener): void {
    this.prepare(metadata, listener);
    // A unary call is begun by its half-close, with all that it sends at once; others may be silent for a while.
    process.nextTick(begin, this);
  }

  /** A call of one message each way, with all that there is to send. */
  startUnary(metadata: Metadata, message: Buffer, listener: Listener): void {
    this.prepare(metadata, listener);
    this.inbox.isWanted = true;
    this.sendMessageWithContext(NO_CONTEXT, message);
    this.halfClose();
  }

  private prepare(metadata: Metadata, listener: Listener): void {
    this.listener = listener;
    this.metadata = metadata;
    this.waitsForReady = metadata.getOptions().waitForReady === true;
  }

  sendMessageWithContext(context: MessageContext, message: Buffer): void {
    if (this.hasEnded) {
      context.callback?.();
      return;
    }
    const { maxSend } = this.channel.settings;
    if (maxSend !== -1 && message.length > maxSend) {
      this.cancelWithStatus(status.RESOURCE_EXHAUSTED, `Attempted to send message with a size larger than ${maxSend}`);
      return;
    }
    const waiting = { frame: framed(message), callback: context.callback };
    if (this.stream) this.write(this.stream, waiting);
    else this.sent.push(waiting);
  }

  halfClose(): void {
    this.hasHalfClosed = true;
    if (this.stream) this.stream.end();
    else this.begin();
  }

  startRead(): void {
    this.inbox.isWanted = true;
    this.deliver();
  }

  cancelWithStatus(code: status, details: string): void {
    this.end(statusOf(code, details));
  }

  /** The channel's target, as long as nothing was sent. */
  getPeer(): string {
    return this.at?.connection.peer ?? this.channel.getTarget();
  }

  setCredentials(credentials: CallCredentials): void {
    this.credentials = credentials;
  }

  getCallNumber(): number {
    return 0;
  }

  getAuthContext(): null {
    return null;
  }

  // What its channel does with it.

  expire(): void {
    this.end(statusOf(status.DEADLINE_EXCEEDED, 'Deadline exceeded'));
  }

  fail(details: string): void {
    this.end(statusOf(status.UNAVAILABLE, details));
  }

  get isOver(): boolean {
    return this.hasEnded;
  }

  begin(): void {
    if (this.hasBegun || this.hasEnded) return;
    this.hasBegun = true;
    if (this.deadline <= Date.now()) {
      this.expire();
      return;
    }
    this.channel.deadlines.add(this);
    if (this.credentials) void this.beginWithCredentials(this.credentials);
    else this.channel.place(this);
  }

  private async beginWithCredentials(credentials: CallCredentials): Promise<void> {
    try {
      const context = { path: this.path, target: this.channel.getTarget() };
      this.metadata = await withCredentials(this.metadata, credentials, context);
      if (!this.hasEnded) this.channel.place(this);
    } catch (error) {
      this.end(statusOf(status.UNAUTHENTICATED, `The call's credentials cannot be made: ${textOf(error)}`));
    }
  }

  wait(): void {
    this.metadata = this.metadata?.clone();
  }

  /** Sends what there is to send by now, and hears what comes. */
  open(place: Place): void {
    this.openedAt = Date.now();
    try {
      const head = {
        shared: this.channel.headersTo(this.path),
        own: ownHeaders(this.metadata, this.deadline - this.openedAt),
      };
      this.stream = place.connection.open(head, this);
    } catch (error) {
      this.end(statusOf(status.INTERNAL, `The call cannot be sent: ${textOf(error)}`));
      return;
    }
    this.at = place;
    const last = this.hasHalfClosed && this.sent.length === 1 ? this.sent[0] : undefined;
    // Its headers and its message leave together.
    if (last && !last.callback) this.stream.end(last.frame);
    else {
      for (const one of this.sent) this.write(this.stream, one);
      if (this.hasHalfClosed) this.stream.end();
    }
    this.sent = [];
  }

  private write(stream: CallStream, { frame, callback }: Waiting): void {
    // Called back when the peer's windows have let it out: that is the back-pressure of writers.
    if (callback) stream.write(frame, () => callback());
    else stream.write(frame);
  }

  // What its stream tells.

  onHeaders(raw: HeaderList, isLast: boolean): void {
    if (this.hasEnded) return;
    if (isLast) {
      this.onTrailers(raw);
      return;
    }
    const read = readHeaders(raw);
    const refusal = refusalOf(read);
    if (refusal) {
      this.end(refusal);
      return;
    }
    this.hasHeaders = true;
    this.listener?.onReceiveMetadata(read.metadata);
    this.deliver();
  }

  onData(chunk: Buffer): void {
    if (this.hasEnded) return;
    try {
      this.inbox.read(chunk);
      this.deliver();
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      this.end(statusOfUnreadable(error));
    }
  }

  onTrailers(raw: HeaderList): void {
    if (this.hasEnded) return;
    this.final = outcomeOf(readHeaders(raw));
    this.hasHeaders = true;
    this.deliver();
  }

  onEnd(resetCode: number): void {
    // Trailers and close come first, where they come.
    if (!this.hasEnded && !this.final) setImmediate(() => this.final ?? this.onClose(resetCode));
  }

  /** Nothing more comes, and all that came was given to `onData`. */
  onClose(resetCode: number): void {
    if (this.hasEnded) return;
    if (this.final) {
      this.deliver();
      return;
    }
    const { connection } = this.at ?? {};
    const isLost = connection?.state === 'closed' || connection?.isBroken === true;
    this.end(
      isLost ? statusOf(status.UNAVAILABLE, `Connection dropped: ${connection?.reason}`) : statusOfReset(resetCode),
    );
  }

  onMessage(message: Buffer): void {
    if (!this.hasEnded) this.listener?.onReceiveMessage(message);
  }

  /** Hands over as many messages as are asked for, and the status after the last. */
  private deliver(): void {
    if (this.hasEnded || !this.hasHeaders || !this.inbox.deliver()) return;
    if (!this.inbox.isEmpty) this.stream?.pause();
    else if (this.final && (this.stream?.destroyed || !this.stream?.readableLength)) this.finish(this.final);
    else if (this.inbox.isWanted && this.stream?.isPaused()) this.stream.resume();
  }

  private finish(final: StatusObject): void {
    // A reset after the trailers takes with it what a slow reader has left in the stream.
    const isCut = this.inbox.isPartial || Boolean(this.stream?.readableLength);
    if (isCut && final.code === status.OK) this.end(statusOf(status.INTERNAL, CUT, final.metadata));
    else this.end(final);
  }

  /** Once: the caller is told, and the stream is let go. */
  private end(final: StatusObject): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.channel.deadlines.delete(this);
    this.release(final);
    for (const { callback } of this.sent) callback?.();
    // Later: what the caller does then must not meet a half-ended call, nor its own, unfinished call of `cancel`.
    process.nextTick(tell, this.listener, final);
  }

  private release({ code }: StatusObject): void {
    const { stream, at } = this;
    if (!stream || !at) return;
    // What ended with its connection says nothing of the server that the next connection leads to.
    if (at.connection.state === 'ready' && !at.connection.isBroken) at.endpoint.report(code, this.openedAt);
    at.connection.release();
    if (stream.destroyed) return;
    if (this.final && stream.writableFinished) stream.resume();
    else stream.close(constants.NGHTTP2_CANCEL);
  }
}

const NO_CONTEXT: MessageContext = {};
const CUT = 'The last message is not complete';

function begin(call: Http2Call): void {
  call.begin();
}

function tell(listener: Listener | undefined, final: StatusObject): void {
  listener?.onReceiveStatus(final);
}
