import type { DescMethod } from '@bufbuild/protobuf';
import type { Policy, Stream_Form, Throttle } from '#libs/contracts';
import type { Dialect, EncodedResponse, FieldPath, JsonForm, MethodCodec, Route } from '#libs/transcoding';
import type { Balancing, ChannelKind } from '#libs/upstream';

/** Who may call. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly all: readonly string[]; readonly any: readonly string[] };

/** Where an operation is answered. */
export interface Upstream {
  readonly address: string;
  /** `aud` of principal tokens. */
  readonly audience: string;
  /** What it gets in `authorization`. */
  readonly credentials: 'principal-token' | 'none' | 'forward';
  /** PEM; without it the connection is not encrypted. */
  readonly tls: UpstreamTls | undefined;
  readonly channel: UpstreamChannel;
}

/** What carries its calls. */
export interface UpstreamChannel {
  readonly kind: ChannelKind;
  readonly balancing?: Balancing | undefined;
  readonly sessions?: number | undefined;
}

export interface UpstreamTls {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

/** How a stream of responses is told. */
export interface StreamForm {
  readonly eventId: FieldPath | undefined;
  readonly resume: FieldPath | undefined;
  /** For `Accept: *\/*`. */
  readonly form: Stream_Form;
}

/** An RPC with all that its policy says, checked and resolved at start-up. */
export interface Operation {
  readonly rpc: DescMethod;
  /** Full name: `store.orders.v1.Orders.PlaceOrder`. */
  readonly name: string;
  readonly policy: Policy;
  readonly access: Access;
  readonly upstream: Upstream;
  readonly timeoutMs: number;
  readonly successStatus: number;
  readonly location: ((response: EncodedResponse) => string) | undefined;
  readonly throttles: readonly Throttle[];
  /** By the `field` of the throttles that have one. */
  readonly throttleFields: ReadonlyMap<string, FieldPath>;
  readonly idempotency: { readonly required: boolean; readonly ttlSeconds: number } | undefined;
  readonly preferWait: FieldPath | undefined;
  /** How often its call is sent at most when a handler may have seen it before. */
  readonly attempts: number;
  /** Set where responses are a stream. */
  readonly stream: StreamForm | undefined;
  /** Whether requests are a stream. */
  readonly sends: boolean;
  /** Whether it is offered over WebSocket, beside HTTP. */
  readonly webSocket: boolean;
}

/** One way to reach an operation. */
export interface BoundRoute {
  /** Name of its API in the configuration. */
  readonly api: string;
  readonly dialect: Dialect;
  /** How its answers look. */
  readonly json: JsonForm;
  /** Of the paths of the API. */
  readonly prefix: string;
  readonly operation: Operation;
  readonly route: Route;
  readonly codec: MethodCodec;
}
