import type { Deadlines } from './deadlines.js';
import type { Place } from './endpoints.js';
import type { HeaderList } from './headers.js';
import type { ChannelSettings } from './settings.js';

/** What a call needs of its channel. */
export interface CallChannel {
  readonly settings: ChannelSettings;
  readonly deadlines: Deadlines;
  getTarget(): string;
  /** The headers that every call of a path has. */
  headersTo(path: string): HeaderList;
  /** Finds a connection for the call now, or as soon as there is one, and opens it there; or fails it. */
  place(call: PlacedCall): void;
}

/** What a channel needs of a call. */
export interface PlacedCall {
  /** Whether it waits for a connection although none can be made. */
  readonly waitsForReady: boolean;
  readonly isOver: boolean;
  /** It is not sent yet: what it is made of is kept as it is now. */
  wait(): void;
  open(place: Place): void;
  /** UNAVAILABLE. */
  fail(details: string): void;
}
