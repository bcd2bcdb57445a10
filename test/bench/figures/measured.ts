import type { Kind } from '../shop/shop.js';

/** What one gateway did with one kind of request in one round. */
export interface Measured {
  readonly round: number;
  readonly gateway: string;
  readonly kind: Kind;
  /** How many were answered within both windows. */
  readonly requests: number;
  /** CPU time of the gateway's process, user and system, for each request: closed loop. */
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** Cores that the gateway kept busy then. */
  readonly cores: number;
  /** Milliseconds from the instant a request was due until its answer: open loop. */
  readonly p50: number;
  readonly p99: number;
}
