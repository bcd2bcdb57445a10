import type { FloodGuard } from './flood-guard.js';
import type { ReceivedFrame } from './frame-reader.js';
import type { FramedStream } from './framed-stream.js';
import { type ReceivedBlock, ReceivedHeaders } from './hpack/received-headers.js';
import {
  ConnectionError,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  HAS_PRIORITY,
  PADDED,
  PROTOCOL_ERROR,
  STREAM_CLOSED,
} from './protocol.js';

/** What frames of streams need of their connection. */
export interface IncomingOwner {
  readonly flood: FloodGuard;
  /** Undefined for one that is over. Throws ConnectionError for one that never was. */
  find(id: number): FramedStream | undefined;
  /** So many octets of data have come, and the peer may send as many more. */
  receive(octets: number): void;
  /** The peer broke a rule in this stream: it ends by RST_STREAM, and its call hears of it. */
  fail(stream: FramedStream, code: number): void;
}

/** A block in several frames: so many of CONTINUATION, so many octets. A server of gRPC that needs them is not known. */
const MOST_CONTINUATIONS = 8;
const LONGEST_BLOCK = 128 * 1024;
const SWITCHING_PROTOCOLS = 101;

/** DATA, and HEADERS with its CONTINUATION (RFC 9113, 6.1, 6.2 and 6.10). */
export class Incoming {
  /** The stream whose headers have begun and not ended; 0 for none. Nothing else may come in between. */
  unfinished = 0;
  private isLastBlock = false;
  private fragments: Buffer[] = [];
  private readonly headersRead = new ReceivedHeaders();

  constructor(private readonly owner: IncomingOwner) {}

  data(frame: ReceivedFrame): void {
    const octets = frame.end - frame.start;
    unpad(frame);
    const { start, end, bytes, flags } = frame;
    const stream = this.owner.find(frame.stream);
    this.owner.receive(octets);
    const isLast = (flags & END_STREAM) !== 0;
    if (octets === 0 && !isLast) this.owner.flood.count();
    if (!stream) return;
    const fault = dataFault(stream, octets, end - start);
    if (fault !== 0 || (isLast && stream.announced > 0)) {
      this.owner.fail(stream, fault || PROTOCOL_ERROR);
      return;
    }
    if (start + octets > end) stream.credit(octets - (end - start));
    if (start < end) {
      // Frames are read into memory that is used again; this is the one time that data is copied.
      const data = Buffer.allocUnsafe(end - start);
      bytes.copy(data, 0, start, end);
      stream.onData(data);
    }
    if (isLast && !stream.isGone) stream.onEnd();
  }

  headers(frame: ReceivedFrame): void {
    unpad(frame);
    // Priorities mean nothing any more (RFC 9113, 5.3.2).
    if (frame.flags & HAS_PRIORITY) frame.start += 5;
    if (frame.start > frame.end) throw new ConnectionError(FRAME_SIZE_ERROR, 'HEADERS without their priority');
    this.isLastBlock = (frame.flags & END_STREAM) !== 0;
    if (frame.flags & END_HEADERS) {
      this.block(frame.stream, frame);
      return;
    }
    this.owner.find(frame.stream);
    this.unfinished = frame.stream;
    this.fragments = [copyOf(frame)];
  }

  continuation(frame: ReceivedFrame): void {
    if (this.unfinished === 0) throw new ConnectionError(PROTOCOL_ERROR, 'CONTINUATION of nothing');
    this.fragments.push(copyOf(frame));
    const bytes = Buffer.concat(this.fragments);
    if (this.fragments.length > 1 + MOST_CONTINUATIONS || bytes.length > LONGEST_BLOCK) {
      throw new ConnectionError(ENHANCE_YOUR_CALM, 'headers that do not end');
    }
    if ((frame.flags & END_HEADERS) === 0) return;
    this.unfinished = 0;
    this.fragments = [];
    this.block(frame.stream, { bytes, start: 0, end: bytes.length });
  }

  private block(id: number, { bytes, start, end }: Pick<ReceivedFrame, 'bytes' | 'start' | 'end'>): void {
    const stream = this.owner.find(id);
    // Also those of a stream that is over have their part in the table.
    const block = this.headersRead.read(bytes, start, end);
    if (!stream) this.owner.flood.count();
    else if (!block) this.owner.fail(stream, ENHANCE_YOUR_CALM);
    else if (stream.isRemoteEnded) this.owner.fail(stream, STREAM_CLOSED);
    else if (block.isMalformed || !(stream.hasHeaders ? this.trailers(stream, block) : this.response(stream, block))) {
      this.owner.fail(stream, PROTOCOL_ERROR);
    }
  }

  /** False when they are none (RFC 9113, 8.1). */
  private response(stream: FramedStream, { list, status, contentLength }: ReceivedBlock): boolean {
    if (status < 200) {
      this.owner.flood.count();
      return status >= 100 && status !== SWITCHING_PROTOCOLS && !this.isLastBlock;
    }
    if (this.isLastBlock && contentLength > 0) return false;
    stream.announced = contentLength;
    stream.onHeaders(list, this.isLastBlock);
    return true;
  }

  private trailers(stream: FramedStream, { list, status }: ReceivedBlock): boolean {
    if (status !== 0 || !this.isLastBlock || stream.announced > 0) return false;
    stream.onTrailers(list);
    return true;
  }
}

/** Why the stream cannot have this data; 0 when it can. */
function dataFault(stream: FramedStream, octets: number, length: number): number {
  if (stream.isRemoteEnded) return STREAM_CLOSED;
  if (!stream.hasHeaders) return PROTOCOL_ERROR;
  if (!stream.reserve(octets)) return FLOW_CONTROL_ERROR;
  if (stream.announced === -1) return 0;
  if (length > stream.announced) return PROTOCOL_ERROR;
  stream.announced -= length;
  return 0;
}

/** Leaves out padding (RFC 9113, 6.1). */
function unpad(frame: ReceivedFrame): void {
  if ((frame.flags & PADDED) === 0) return;
  if (frame.start === frame.end) throw new ConnectionError(FRAME_SIZE_ERROR, 'padding of no length');
  frame.end -= frame.bytes[frame.start++] ?? 0;
  if (frame.end < frame.start) throw new ConnectionError(PROTOCOL_ERROR, 'more padding than frame');
}

function copyOf({ bytes, start, end }: ReceivedFrame): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}
