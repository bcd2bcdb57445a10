import type { HeaderList } from '../../http2/headers.js';
import { HpackDecoder } from './decoder.js';
import type { Field } from './field.js';

/** A block of headers that came, looked at as a response or trailers (RFC 9113, 8.1 and 8.3). */
export interface ReceivedBlock {
  readonly list: HeaderList;
  /** 0 where there is none: trailers. */
  readonly status: number;
  /** -1 where there is none. */
  readonly contentLength: number;
  readonly isMalformed: boolean;
}

/** Blocks that are but references, such as "grpc-status: 0" once that was sent, are few, and come with each answer. */
const LONGEST_KNOWN = 4;
const MOST_KNOWN = 64;

/** Reads blocks; the same bytes, while they mean the same, are the same object. */
export class ReceivedHeaders {
  private readonly decoder = new HpackDecoder();
  private readonly known = new Map<number, ReceivedBlock>();
  private version = 0;

  /** Undefined for more headers than a peer may send. Throws ConnectionError. */
  read(bytes: Buffer, start: number, end: number): ReceivedBlock | undefined {
    const length = end - start;
    // Up to four octets, all of them indexes: as a number, which no other such block has.
    const key =
      length > 0 && length <= LONGEST_KNOWN && isIndexes(bytes, start, end) ? bytes.readUIntBE(start, length) : 0;
    const known = key === 0 ? undefined : this.known.get(key);
    if (known) return known;
    const fields = this.decoder.read(bytes, start, end);
    if (this.version !== this.decoder.version || this.known.size === MOST_KNOWN) {
      this.version = this.decoder.version;
      this.known.clear();
    }
    const block = fields && blockOf(fields);
    if (block && key !== 0) this.known.set(key, block);
    return block;
  }
}

/** Octets from 0x80 on but 0xff, which goes on in the next, are a field each (RFC 7541, 6.1). */
function isIndexes(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const octet = bytes[at] ?? 0;
    if (octet < 0x80 || octet === 0xff) return false;
  }
  return true;
}

function blockOf(fields: readonly Field[]): ReceivedBlock {
  const list: string[] = [];
  let [status, contentLength, isMalformed] = [0, -1, false];
  for (const { name, value, isLegal } of fields) {
    if (!isLegal) isMalformed = true;
    else if (name === ':status') {
      // First, once, and three digits; there are no other pseudo-headers of a response.
      if (list.length > 0 || !/^[1-9]\d\d$/.test(value)) isMalformed = true;
      status = Number(value);
    } else if (name.startsWith(':')) isMalformed = true;
    else if (name === 'content-length') {
      if (!/^\d{1,15}$/.test(value) || (contentLength !== -1 && contentLength !== Number(value))) isMalformed = true;
      contentLength = Number(value);
    }
    list.push(name, value);
  }
  return { list, status, contentLength, isMalformed };
}
