import type { Field } from './field.js';

/** What a peer has sent and may refer to (RFC 7541, 2.3.2 and 4). */
export class DynamicTable {
  /** The newest is the last. Those before `first` are evicted. */
  private fields: Field[] = [];
  private first = 0;
  private size = 0;
  /** Changes with what indexes mean. */
  version = 0;

  /** `capacity`: octets. */
  constructor(private capacity: number) {}

  /** 0 is the newest. */
  at(index: number): Field | undefined {
    return index < this.fields.length - this.first ? this.fields[this.fields.length - 1 - index] : undefined;
  }

  add(field: Field): void {
    this.version++;
    this.size += field.size;
    this.fields.push(field);
    // One that is larger than the table empties it (RFC 7541, 4.4).
    this.evict();
  }

  resize(capacity: number): void {
    this.version++;
    this.capacity = capacity;
    this.evict();
  }

  private evict(): void {
    while (this.size > this.capacity) this.size -= this.fields[this.first++]?.size ?? 0;
    if (this.first < 64 && this.first < this.fields.length) return;
    this.fields = this.fields.slice(this.first);
    this.first = 0;
  }
}
