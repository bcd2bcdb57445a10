import { Code } from '#libs/contracts';

/** One row of the table: how an error is told over gRPC and over HTTP. */
export interface ErrorRow {
  readonly grpc: Code;
  readonly http: number;
  /** The same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** What a client may read; holds no internals. */
  readonly text: string;
}

const row = (grpc: Code, http: number, text: string): ErrorRow => ({ grpc, http, retryable: false, text });
const retryable = (grpc: Code, http: number, text: string): ErrorRow => ({ grpc, http, retryable: true, text });

/**
 * Every error that clients can see. The key is the stable `code` of problem documents and the `reason` of
 * google.rpc.ErrorInfo: rows are added, never renamed. HTTP statuses follow google/rpc/code.proto, except where a row is
 * more exact (408, 409, 413, 414, 415, 417, 422, 426, 431). What a client should do about each stands in advice.ts.
 */
export const ERRORS = {
  // HTTP itself
  BAD_REQUEST: row(Code.INVALID_ARGUMENT, 400, 'The request is not valid HTTP.'),
  REQUEST_TIMEOUT: retryable(Code.DEADLINE_EXCEEDED, 408, 'The request did not arrive in time.'),
  URI_TOO_LONG: row(Code.INVALID_ARGUMENT, 414, 'The request target is too long.'),
  EXPECTATION_FAILED: row(Code.INVALID_ARGUMENT, 417, 'The Expect header can only ask for 100-continue.'),
  TOO_MANY_CONNECTIONS: retryable(Code.RESOURCE_EXHAUSTED, 429, 'Too many connections are open from this address.'),
  TOO_MANY_STREAMS: retryable(Code.RESOURCE_EXHAUSTED, 429, 'Too many streams are open.'),
  UPGRADE_REQUIRED: row(Code.FAILED_PRECONDITION, 426, 'This version of WebSocket is not spoken here.'),
  ORIGIN_NOT_ALLOWED: row(Code.PERMISSION_DENIED, 403, 'Pages of this origin may not open a WebSocket here.'),

  // The request itself
  VALIDATION_FAILED: row(Code.INVALID_ARGUMENT, 400, 'The request breaks one or more rules.'),
  UNKNOWN_FIELD: row(Code.INVALID_ARGUMENT, 400, 'The request has a field that this operation does not know.'),
  MALFORMED_BODY: row(Code.INVALID_ARGUMENT, 400, 'The body is not valid JSON for this operation.'),
  ROUTE_NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is nothing at this path.'),
  METHOD_NOT_ALLOWED: row(Code.UNIMPLEMENTED, 405, 'The path exists, but not with this method.'),
  BODY_TOO_LARGE: row(Code.INVALID_ARGUMENT, 413, 'The body is too large.'),
  UNSUPPORTED_MEDIA_TYPE: row(Code.INVALID_ARGUMENT, 415, 'The body must be application/json.'),
  HEADERS_TOO_LARGE: row(Code.INVALID_ARGUMENT, 431, 'The headers are too large.'),
  THROTTLED: retryable(Code.RESOURCE_EXHAUSTED, 429, 'Too many requests: slow down.'),

  // Who asks
  UNAUTHENTICATED: row(Code.UNAUTHENTICATED, 401, 'A valid access token is needed.'),
  WRONG_CREDENTIALS: row(Code.UNAUTHENTICATED, 401, 'The e-mail address or the password is wrong.'),
  REFRESH_TOKEN_INVALID: row(Code.UNAUTHENTICATED, 401, 'The refresh token is not valid (any more): sign in again.'),
  TOTP_REQUIRED: row(Code.UNAUTHENTICATED, 401, 'This account asks for a code of its authenticator besides.'),
  SESSIONS_UNKNOWN: retryable(Code.UNAVAILABLE, 503, 'Whether the session has ended is not known for the moment.'),
  PERMISSION_DENIED: row(Code.PERMISSION_DENIED, 403, 'The access token does not allow this operation.'),

  // Idempotency keys
  IDEMPOTENCY_KEY_REQUIRED: row(Code.INVALID_ARGUMENT, 400, 'This operation needs an Idempotency-Key header.'),
  IDEMPOTENCY_KEY_INVALID: row(Code.INVALID_ARGUMENT, 400, 'The Idempotency-Key header is not valid.'),
  IDEMPOTENCY_KEY_IN_USE: retryable(Code.ABORTED, 409, 'The first request with this key is still being answered.'),
  IDEMPOTENCY_KEY_REUSED: row(Code.INVALID_ARGUMENT, 422, 'This key was used before with another request.'),

  // Users
  WRONG_TOTP_CODE: row(Code.INVALID_ARGUMENT, 400, 'The code is wrong, or was used before.'),
  TOTP_ALREADY_ACTIVE: row(Code.FAILED_PRECONDITION, 400, 'The account has an authenticator already.'),
  TOTP_NOT_ENROLLED: row(Code.FAILED_PRECONDITION, 400, 'The account has no authenticator for this.'),
  EMAIL_TAKEN: row(Code.ALREADY_EXISTS, 409, 'An account with this e-mail address exists.'),
  ACCOUNT_TOKEN_INVALID: row(
    Code.INVALID_ARGUMENT,
    400,
    'The token from the mail is not valid: it was used, has expired, or is no longer needed.',
  ),
  ACCOUNT_CLOSED: row(Code.FAILED_PRECONDITION, 400, 'The account is being deleted.'),
  DEMO_ACCOUNT: row(Code.FAILED_PRECONDITION, 400, 'Demo accounts stay as they are: sign up for one of your own.'),
  SIGN_IN_AGAIN: row(
    Code.PERMISSION_DENIED,
    403,
    'This needs a session that began with a sign-in within the last minutes.',
  ),
  LAST_ADMIN: row(Code.FAILED_PRECONDITION, 400, 'That would leave nobody who can administer the store.'),

  // Inventory
  PRODUCT_NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is no such product.'),
  PRODUCT_EXISTS: row(Code.ALREADY_EXISTS, 409, 'A product with this sku exists.'),
  ETAG_MISMATCH: row(Code.ABORTED, 409, 'It has been changed since the version that the etag names.'),
  WAREHOUSE_NOT_FOUND: row(Code.INVALID_ARGUMENT, 400, 'There is no such warehouse.'),
  STOCK_BELOW_COMMITTED: row(
    Code.FAILED_PRECONDITION,
    400,
    'That would leave less stock than is reserved and sold already.',
  ),
  RESERVATION_LIMIT: retryable(Code.RESOURCE_EXHAUSTED, 429, 'Too many units are held by open orders.'),

  // Orders
  ORDER_NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is no such order.'),
  UNKNOWN_SKU: row(Code.INVALID_ARGUMENT, 400, 'A line names a product that does not exist.'),
  MIXED_CURRENCIES: row(Code.INVALID_ARGUMENT, 400, 'All lines of an order must be priced in one currency.'),
  TOTAL_CHANGED: row(Code.ABORTED, 409, 'The total differs from the expected one: prices have changed.'),
  ORDER_NOT_CANCELLABLE: row(Code.FAILED_PRECONDITION, 400, 'The order can no longer be cancelled.'),
  ORDER_NOT_REFUNDABLE: row(Code.FAILED_PRECONDITION, 400, 'Only a confirmed order can be refunded.'),
  REFUND_EXCEEDS_REST: row(Code.FAILED_PRECONDITION, 400, 'The refund is more than what is left of the order.'),

  // Payments
  PAYMENT_NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is no payment for this order.'),

  // Operators
  SAGA_NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is no such saga.'),
  SAGA_MOVED: row(Code.ABORTED, 409, 'The saga has moved since it was looked at: look again.'),
  SAGA_MOVE_NOT_ALLOWED: row(Code.FAILED_PRECONDITION, 400, 'The table of the saga does not allow this now.'),
  DEAD_LETTER_NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is no such dead letter.'),
  DEAD_LETTER_NOT_FIRST: row(
    Code.FAILED_PRECONDITION,
    400,
    'Earlier dead letters of the same key wait: replay or discard them first.',
  ),
  DEAD_LETTER_SETTLED: row(Code.FAILED_PRECONDITION, 400, 'The dead letter was replayed or discarded before.'),
  DEAD_LETTER_FAILED_AGAIN: row(Code.FAILED_PRECONDITION, 400, 'The dead letter failed again.'),
  DEAD_LETTER_LOST: row(
    Code.NOT_FOUND,
    404,
    'Kafka does not keep this dead letter any more: it can only be discarded.',
  ),

  // Any
  NOT_FOUND: row(Code.NOT_FOUND, 404, 'There is no such resource.'),
  CANCELLED: row(Code.CANCELLED, 499, 'The client gave up.'),
  DEADLINE_EXCEEDED: retryable(Code.DEADLINE_EXCEEDED, 504, 'The answer did not come in time.'),
  UPSTREAM_UNAVAILABLE: retryable(Code.UNAVAILABLE, 503, 'A service is unavailable for the moment.'),
  UNIMPLEMENTED: row(Code.UNIMPLEMENTED, 501, 'This operation is not implemented.'),
  INTERNAL: row(Code.INTERNAL, 500, 'Something went wrong on our side.'),
} as const satisfies Record<string, ErrorRow>;

/** A key of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** True for the reasons that this table knows; a foreign service may send others. */
export function isErrorCode(reason: string | undefined): reason is ErrorCode {
  return reason !== undefined && Object.hasOwn(ERRORS, reason);
}
