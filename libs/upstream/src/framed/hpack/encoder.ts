import type { HeaderList } from '../../http2/headers.js';
import type { Outbox } from '../outbox.js';
import { TABLE_SIZE } from './decoder.js';
import { STATIC_INDEX, STATIC_LENGTH } from './static-table.js';

/** What must not get into a table, here or in a proxy on the way (RFC 7541, 7.1.3). */
const SECRET = /auth|cookie|token|secret|password|credential|signature|api-?key/;
/** Of names that calls have of their own, so many are put into the table; their first value goes with them, if it is short. */
const MOST_OWN_NAMES = 24;
const LONGEST_OWN_VALUE = 128;
const LEGAL = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Representations of a field, and how many bits of the first octet its index has (RFC 7541, 6). */
const INDEXED = { flag: 0x80, bits: 7 };
const ADDED = { flag: 0x40, bits: 6 };
const LITERAL = { flag: 0, bits: 4 };
const NEVER_INDEXED = { flag: 0x10, bits: 4 };

interface Name {
  /** Which one of all that were put into the table, from 1: the index counts from the newest. 0 for none. */
  ordinal: number;
  readonly isSecret: boolean;
  /** Whether the static table has it, with some value or none. */
  readonly isStatic: boolean;
  readonly values: Map<string, number>;
}

interface KnownBlock {
  readonly bytes: Buffer;
  readonly version: number;
}

/**
 * Writes blocks of headers (RFC 7541). What all calls of a path share is put into the table as long as there is room, never at
 * the cost of what is there: indexes stay what they are, and the shared part of a block is the same bytes, call after call.
 * Texts go as they are: Huffman codes save octets, and cost time at both ends.
 */
export class HpackEncoder {
  private names = new Map<string, Name>();
  private added = 0;
  private ownNames = 0;
  private size = 0;
  private capacity = TABLE_SIZE;
  private isResized = false;
  private readonly blocks = new WeakMap<HeaderList, KnownBlock>();
  /** Changes with what indexes mean. */
  private version = 0;

  constructor(private readonly out: Outbox) {}

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  resize(most: number): void {
    const capacity = Math.min(most, TABLE_SIZE);
    if (capacity === this.capacity) return;
    this.capacity = capacity;
    this.isResized = true;
    this.names = new Map();
    this.added = 0;
    this.ownNames = 0;
    this.size = 0;
    this.version++;
  }

  /** A block: what calls of a path share, first, and what this one has of its own. Throws, with nothing written, for what is no text of a header. */
  write(shared: HeaderList, own: HeaderList): void {
    const known = this.blocks.get(shared);
    if (!known)
      for (const text of shared) if (!LEGAL.test(text)) throw new Error(`${JSON.stringify(text)} is no header`);
    // Empties the table, and gives it its new size (RFC 7541, 4.2 and 6.3).
    if (this.isResized) {
      this.writeInteger(0x20, 5, 0);
      this.writeInteger(0x20, 5, this.capacity);
      this.isResized = false;
    }
    if (known && known.version === this.version) this.out.raw(known.bytes);
    else this.writeShared(shared);
    for (let at = 0; at + 1 < own.length; at += 2) this.writeOwn(own[at] ?? '', own[at + 1] ?? '');
  }

  private writeShared(list: HeaderList): void {
    const { out, version } = this;
    const start = out.length;
    for (let at = 0; at + 1 < list.length; at += 2) this.writeField(list[at] ?? '', list[at + 1] ?? '', true);
    const bytes = Buffer.from(out.room(0).subarray(start, out.length));
    // With additions it cannot be sent again: the same is written shorter next time.
    this.blocks.set(list, { bytes, version: version === this.version ? version : -1 });
  }

  private writeOwn(name: string, value: string): void {
    const isNew = !this.names.has(name);
    const isAdded = isNew && this.ownNames < MOST_OWN_NAMES && value.length <= LONGEST_OWN_VALUE;
    this.writeField(name, value, isAdded);
    if (isAdded) this.ownNames++;
  }

  private writeField(name: string, value: string, isAdded: boolean): void {
    const known = this.names.get(name) ?? this.create(name);
    // A secret is in no table, and finding that out costs a look at all of its text.
    const added = known.isSecret ? 0 : this.indexOf(known.values.get(value));
    const index = added === 0 && known.isStatic ? staticIndexOf(name, value) : added;
    if (index !== 0) {
      this.writeInteger(INDEXED.flag, INDEXED.bits, index);
      return;
    }
    const size = name.length + value.length + 32;
    const isRoom = isAdded && !known.isSecret && this.size + size <= this.capacity;
    const { flag, bits } = isRoom ? ADDED : known.isSecret ? NEVER_INDEXED : LITERAL;
    const nameIndex = this.indexOf(known.ordinal) || (STATIC_INDEX.get(name) ?? 0);
    this.writeInteger(flag, bits, nameIndex);
    if (nameIndex === 0) this.writeText(name);
    this.writeText(value);
    if (isRoom) this.add(known, value, size);
  }

  private create(name: string): Name {
    const isSecret = SECRET.test(name) && name !== ':authority';
    const known = { ordinal: 0, isSecret, isStatic: !isSecret && STATIC_INDEX.has(name), values: new Map() };
    // Names are those of methods' metadata; a caller that makes them up does not fill the memory.
    if (this.names.size < 256) this.names.set(name, known);
    return known;
  }

  private add(known: Name, value: string, size: number): void {
    this.version++;
    this.size += size;
    known.ordinal = ++this.added;
    known.values.set(value, this.added);
  }

  private indexOf(ordinal = 0): number {
    return ordinal === 0 ? 0 : STATIC_LENGTH + 1 + this.added - ordinal;
  }

  /** RFC 7541, 5.1. */
  private writeInteger(flag: number, bits: number, value: number): void {
    const { out } = this;
    const bytes = out.room(6);
    const largest = (1 << bits) - 1;
    if (value < largest) {
      bytes[out.length++] = flag | value;
      return;
    }
    bytes[out.length++] = flag | largest;
    let rest = value - largest;
    for (; rest > 127; rest >>>= 7) bytes[out.length++] = 0x80 | (rest & 0x7f);
    bytes[out.length++] = rest;
  }

  private writeText(text: string): void {
    const { out } = this;
    const { length } = text;
    this.writeInteger(0, 7, length);
    const bytes = out.room(length);
    if (length > 24) bytes.write(text, out.length, 'latin1');
    else for (let at = 0; at < length; at++) bytes[out.length + at] = text.charCodeAt(at);
    out.length += length;
  }
}

const staticIndexOf = (name: string, value: string): number =>
  name.startsWith(':') ? (STATIC_INDEX.get(`${name}|${value}`) ?? 0) : 0;
