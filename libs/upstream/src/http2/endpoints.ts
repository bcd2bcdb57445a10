import type { Address } from './connect.js';
import type { Connection } from './connection.js';
import { Endpoint, type EndpointOwner, type EndpointParts } from './endpoint.js';

/** Which connection takes a call: that with the fewest, or each in turn. */
export const BALANCINGS = ['least-loaded', 'round-robin'] as const;
export type Balancing = (typeof BALANCINGS)[number];

/** A connection, and the server that it leads to. */
export interface Place {
  readonly connection: Connection;
  readonly endpoint: Endpoint;
}

/** All endpoints that a name leads to now, and which of their connections takes the next call. */
export class Endpoints {
  private readonly all = new Map<string, Endpoint>();
  private places: Place[] = [];
  private next = 0;
  private wantsConnections = false;

  constructor(
    private readonly parts: EndpointParts & { readonly balancing: Balancing },
    private readonly owner: Omit<EndpointOwner, 'mayEject'>,
  ) {}

  /** Keeps those that stay, closes those that are gone: their running calls end. */
  replace(lists: readonly (readonly Address[])[]): void {
    const named = new Map(lists.map((addresses) => [JSON.stringify(addresses), addresses]));
    for (const [key, endpoint] of this.all) {
      if (named.has(key)) continue;
      this.all.delete(key);
      endpoint.close();
    }
    for (const [key, addresses] of named) {
      if (!this.all.has(key)) this.all.set(key, this.create(addresses));
    }
    if (this.wantsConnections) this.connect();
    this.refresh();
  }

  get isEmpty(): boolean {
    return this.all.size === 0;
  }

  get isReady(): boolean {
    return this.places.length > 0;
  }

  /** Why none can be called; undefined while one may be soon. */
  get failure(): string | undefined {
    let failure: string | undefined;
    for (const endpoint of this.all.values()) {
      if (endpoint.failure === undefined) return undefined;
      failure = endpoint.failure;
    }
    return failure;
  }

  connect(): void {
    this.wantsConnections = true;
    for (const endpoint of this.all.values()) endpoint.connect();
  }

  /** Where the next call goes; undefined when no connection takes one. */
  pick(): Place | undefined {
    const { length } = this.places;
    let best: Place | undefined;
    for (let step = 0; step < length; step++) {
      const place = this.places[(this.next + step) % length];
      if (!place?.connection.isFree) continue;
      if (this.parts.balancing === 'least-loaded') {
        if (!best || place.connection.active < best.connection.active) best = place;
      } else {
        best = place;
        this.next += step;
        break;
      }
    }
    this.next = length === 0 ? 0 : (this.next + 1) % length;
    return best;
  }

  /** More connections, as those that are ready take no more calls. */
  grow(): void {
    for (const endpoint of this.all.values()) endpoint.grow();
  }

  close(): void {
    for (const endpoint of this.all.values()) endpoint.close();
    this.all.clear();
    this.places = [];
  }

  private create(addresses: readonly Address[]): Endpoint {
    return new Endpoint(addresses, this.parts, {
      changed: () => {
        this.refresh();
        this.owner.changed();
      },
      hasRoom: () => this.owner.hasRoom(),
      lost: () => this.owner.lost(),
      mayEject: () => this.ejected() < Math.floor(this.all.size / 2),
    });
  }

  private ejected(): number {
    return [...this.all.values()].filter(({ isEjected }) => isEjected).length;
  }

  private refresh(): void {
    const places = [...this.all.values()].flatMap((endpoint) =>
      endpoint.connections.filter(({ state }) => state === 'ready').map((connection) => ({ connection, endpoint })),
    );
    // Those that were put aside are better than none.
    const well = places.filter(({ endpoint }) => !endpoint.isEjected);
    this.places = well.length > 0 ? well : places;
  }
}
