import { MessageReader } from './message-reader.js';

/** Messages that have come, handed over one by one as they are asked for. */
export class Inbox {
  private readonly messages: Buffer[] = [];
  private readonly reader: MessageReader;
  private isDelivering = false;
  /** The caller takes one message. */
  isWanted = false;

  /** `limit`: bytes of one message; -1 for none. */
  constructor(
    limit: number,
    private readonly take: { onMessage(message: Buffer): void },
  ) {
    this.reader = new MessageReader(limit);
  }

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  /** Whether a message has begun and not ended. */
  get isPartial(): boolean {
    return this.reader.isPartial;
  }

  /** Throws UnreadableMessage. */
  read(chunk: Buffer): void {
    this.reader.read(chunk, this.messages);
  }

  /** As many as are asked for. False when it is at that already: who takes a message may ask for the next at once. */
  deliver(): boolean {
    if (this.isDelivering) return false;
    this.isDelivering = true;
    try {
      for (let message = this.next(); message !== undefined; message = this.next()) this.take.onMessage(message);
    } finally {
      this.isDelivering = false;
    }
    return true;
  }

  private next(): Buffer | undefined {
    if (!this.isWanted || this.isEmpty) return undefined;
    this.isWanted = false;
    return this.messages.shift();
  }
}
