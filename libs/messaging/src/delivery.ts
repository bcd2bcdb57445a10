/** A message as it arrived, beside its decoded content. */
export interface Delivery {
  /** The same for every delivery of a message. */
  readonly id: string;
  /** CloudEvents type, e.g. `orders.OrderPlaced.v1`. */
  readonly type: string;
  /** When it was published. */
  readonly time: Date;
  /** 1 for the first try; tries that failed for want of a connection do not count. */
  readonly attempt: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * For `inbox: 'manual'`: runs `work` in one transaction with the inbox row. Resolves to false, without running it,
   * when the message was already processed. A manual handler must call it.
   */
  complete(work: () => Promise<void>): Promise<boolean>;
}

/** Thrown by a handler when what it needs is away: the message is tried again until it succeeds, and never counted. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
}
