import type { ErrorCode } from './table.js';

const CORRECT = 'Correct what `violations` names; the same request fails again.';
const SLOW_DOWN = 'Wait for the seconds of `Retry-After`, then send the same request again.';
const BACK_OFF =
  'Try again after `Retry-After`, with growing pauses; calls that change something under their Idempotency-Key.';

/** What a client should do about each error: a sentence or two for the reference page. */
export const ADVICE: Readonly<Record<ErrorCode, string>> = {
  BAD_REQUEST:
    'Use an HTTP library: the bytes break the syntax of HTTP/1.1, or say two things at once. The connection is closed.',
  REQUEST_TIMEOUT: 'Send the request again, faster, on a new connection; large bodies over a better line.',
  URI_TOO_LONG: 'Shorten the query, e.g. ask for fewer filters at once.',
  EXPECTATION_FAILED: 'Leave the Expect header out, or send `Expect: 100-continue`.',
  TOO_MANY_CONNECTIONS: 'Keep connections alive and share them between requests; close those you do not use.',
  TOO_MANY_STREAMS: 'Close a stream you no longer read before opening another.',
  UPGRADE_REQUIRED: 'Open the WebSocket with a library of RFC 6455: version 13, which `Sec-WebSocket-Version` names.',
  ORIGIN_NOT_ALLOWED:
    'Open it from a page of an origin that `corsOrigins` of the gateway names, or not from a browser.',

  VALIDATION_FAILED: CORRECT,
  UNKNOWN_FIELD: 'Correct the spelling that `violations` suggests, or leave the field out.',
  MALFORMED_BODY: 'Send one JSON document in UTF-8; `metadata.offset` is the byte at which reading stopped.',
  ROUTE_NOT_FOUND: 'Look the path up in the API reference. Paths are case sensitive and have no slash at the end.',
  METHOD_NOT_ALLOWED: 'Use a method of the `Allow` header.',
  BODY_TOO_LARGE: 'Send less at once. The connection may be closed before all of the body was read.',
  UNSUPPORTED_MEDIA_TYPE: 'Send `Content-Type: application/json`, in UTF-8 and not compressed.',
  HEADERS_TOO_LARGE: 'Send fewer or shorter headers; cookies are not needed here.',
  THROTTLED: `${SLOW_DOWN} \`quotaViolations\` names the bucket, \`RateLimit-*\` tell its level.`,

  UNAUTHENTICATED: 'Sign in, or refresh the access token, and send it as `Authorization: Bearer …`.',
  WRONG_CREDENTIALS: 'Ask the person again. Whether the account exists is not told.',
  REFRESH_TOKEN_INVALID:
    'Sign in again. A refresh token is good for one use; using it twice ends the session, so let one place refresh.',
  TOTP_REQUIRED: 'Ask the person for a code and send the same request with `totpCode`.',
  SESSIONS_UNKNOWN: BACK_OFF,
  PERMISSION_DENIED: 'Ask for a token with the scopes that `WWW-Authenticate` names; the same token fails again.',

  IDEMPOTENCY_KEY_REQUIRED: 'Make a random key (a UUID) per intended effect and send it with each attempt.',
  IDEMPOTENCY_KEY_INVALID: 'Send one key of 1 to 255 printable ASCII characters.',
  IDEMPOTENCY_KEY_IN_USE: SLOW_DOWN,
  IDEMPOTENCY_KEY_REUSED: 'Make a new key: a key belongs to one request, with its body.',

  WRONG_TOTP_CODE: 'Ask the person for the next code; check that the clock of the device is right.',
  TOTP_ALREADY_ACTIVE: 'Switch it off with a code first, or keep it.',
  TOTP_NOT_ENROLLED: 'Enrol first: `POST /v1/users/me/totp`.',
  EMAIL_TAKEN: 'Sign in instead, or use another address.',
  ACCOUNT_TOKEN_INVALID: 'Ask for a new mail, and use the token of the newest one, once and within its time.',
  ACCOUNT_CLOSED: 'Sign up again: a deleted account does not come back.',
  DEMO_ACCOUNT: 'Sign up for an account of your own and use that one.',
  SIGN_IN_AGAIN: 'Ask the person to sign in again, and send the request with the new access token.',
  LAST_ADMIN: 'Give somebody else the role ADMIN first.',

  PRODUCT_NOT_FOUND: 'Check the sku against the catalogue.',
  PRODUCT_EXISTS: 'Choose another sku, or change the product that has it.',
  ETAG_MISMATCH: 'Read it again, look at what has changed, and send the change with the new etag.',
  WAREHOUSE_NOT_FOUND: 'Check the name of the warehouse.',
  STOCK_BELOW_COMMITTED: 'Read the stock again and take away less.',
  RESERVATION_LIMIT: 'Finish or cancel open orders, or wait until they expire; then try again.',

  ORDER_NOT_FOUND: 'Check the id, and that the order belongs to the account of the token.',
  UNKNOWN_SKU: CORRECT,
  MIXED_CURRENCIES: 'Place one order per currency.',
  TOTAL_CHANGED:
    'Read the prices again, show them, and place the order with the new total under a new Idempotency-Key.',
  ORDER_NOT_CANCELLABLE: 'Read the order: its state says what happened to it.',
  ORDER_NOT_REFUNDABLE: 'Cancel an order that is pending; of one that was rejected or cancelled nothing was taken.',
  REFUND_EXCEEDS_REST: 'Refund at most the amount in the metadata; refunds under way count until they are rejected.',

  PAYMENT_NOT_FOUND: 'Wait until the order has come to its payment, or check the id.',

  SAGA_NOT_FOUND: 'Check the name of the saga and the id; `npm run ops -- sagas list --ended` lists them.',
  SAGA_MOVED: 'Look at the saga again and decide on what it is now.',
  SAGA_MOVE_NOT_ALLOWED: 'Choose one of the choices that `npm run ops -- sagas show` lists.',
  DEAD_LETTER_NOT_FOUND: 'Check the number; `npm run ops -- dead-letters list --settled` lists them.',
  DEAD_LETTER_NOT_FIRST: 'Replay or discard the earlier ones of the key, or replay the whole key.',
  DEAD_LETTER_SETTLED: 'Nothing: what became of it is final.',
  DEAD_LETTER_FAILED_AGAIN: 'Remove the cause first, then replay it again; nothing was written.',
  DEAD_LETTER_LOST: 'Discard it, and put right by hand what it would have done.',

  NOT_FOUND: 'Check the name or id.',
  CANCELLED: 'Nothing: the client closed the connection before the answer.',
  DEADLINE_EXCEEDED: `The call may have had its effect. ${BACK_OFF}`,
  UPSTREAM_UNAVAILABLE: BACK_OFF,
  UNIMPLEMENTED: 'Do not call this operation.',
  INTERNAL: 'Report it with the `traceId`. The call may have had its effect: retry only under its Idempotency-Key.',
};
