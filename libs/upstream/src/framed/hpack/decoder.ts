import { COMPRESSION_ERROR, ConnectionError } from '../protocol.js';
import { DynamicTable } from './dynamic-table.js';
import { Field } from './field.js';
import { readHuffman } from './huffman.js';
import { STATIC_FIELDS, STATIC_LENGTH } from './static-table.js';

/** SETTINGS_HEADER_TABLE_SIZE where a peer was told nothing else (RFC 9113, 6.5.2), as ours is not. */
export const TABLE_SIZE = 4_096;
/** As node:http2 has them: fields of one list, and octets (RFC 9113, 6.5.2: SETTINGS_MAX_HEADER_LIST_SIZE). */
const MOST_FIELDS = 128;
export const LONGEST_LIST = 65_536;

const STATIC = STATIC_FIELDS.map(([name, value]) => new Field(name, value));
/** No length or index that is right has more. */
const LARGEST_INTEGER = 2 ** 24;

/** Reads blocks of headers (RFC 7541), in the order in which they came. */
export class HpackDecoder {
  private readonly table = new DynamicTable(TABLE_SIZE);
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;

  /** Changes when the same bytes can mean something else. */
  get version(): number {
    return this.table.version;
  }

  /**
   * The fields of a whole block. Undefined when they are more than a peer may send: the table is as it has to be all the same.
   * Throws ConnectionError when the block is none.
   */
  read(bytes: Buffer, start: number, end: number): Field[] | undefined {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    const fields: Field[] = [];
    let size = 0;
    let count = 0;
    this.readSizes();
    while (this.at < end) {
      const field = this.readField();
      size += field.size;
      if (++count <= MOST_FIELDS && size <= LONGEST_LIST) fields.push(field);
    }
    return fields.length === count ? fields : undefined;
  }

  /** Changes of the table's size are at the beginning of a block (RFC 7541, 4.2), and not more than two of them make sense. */
  private readSizes(): void {
    for (let count = 0; this.at < this.end && ((this.bytes[this.at] ?? 0) & 0xe0) === 0x20; count++) {
      const size = this.readInteger(5);
      if (size > TABLE_SIZE || count === 2) fail('a change of the table that is not allowed');
      this.table.resize(size);
    }
  }

  /** RFC 7541, 6. */
  private readField(): Field {
    const first = this.bytes[this.at] ?? 0;
    if (first & 0x80) return this.fieldAt(this.readInteger(7));
    if (first & 0x40) {
      const field = this.readLiteral(6);
      this.table.add(field);
      return field;
    }
    if (first & 0x20) fail('a change of the table in the middle of a block');
    // Without indexing, or never indexed: the same to one that passes nothing on.
    return this.readLiteral(4);
  }

  private readLiteral(bits: number): Field {
    const index = this.readInteger(bits);
    const name = index === 0 ? this.readText() : this.fieldAt(index).name;
    return new Field(name, this.readText());
  }

  private fieldAt(index: number): Field {
    const field = index <= STATIC_LENGTH ? STATIC[index - 1] : this.table.at(index - STATIC_LENGTH - 1);
    return field ?? fail(`the index ${index}, which there is not`);
  }

  private readText(): string {
    const isHuffman = ((this.bytes[this.at] ?? 0) & 0x80) !== 0;
    const length = this.readInteger(7);
    const start = this.at;
    this.at += length;
    if (this.at > this.end) fail('a text that ends after its block');
    if (!isHuffman) return this.bytes.toString('latin1', start, this.at);
    return readHuffman(this.bytes, start, this.at) ?? fail('a text whose Huffman code is none');
  }

  /** RFC 7541, 5.1. */
  private readInteger(bits: number): number {
    const largest = 2 ** bits - 1;
    let value = this.readOctet() & largest;
    if (value < largest) return value;
    for (let shift = 0; ; shift += 7) {
      const octet = this.readOctet();
      value += (octet & 0x7f) * 2 ** shift;
      if (value > LARGEST_INTEGER || shift > 21) fail('an integer that is too large');
      if (octet < 0x80) return value;
    }
  }

  private readOctet(): number {
    if (this.at >= this.end) fail('a field that ends after its block');
    return this.bytes[this.at++] ?? 0;
  }
}

function fail(what: string): never {
  throw new ConnectionError(COMPRESSION_ERROR, `headers have ${what}`);
}
