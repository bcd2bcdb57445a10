// Generated from proto/ by `npm run client`: change the protos instead.
import type { CallOptions, Operation, Transport, WatchOptions } from '../transport.js';

/** A session that has not ended. */
export interface ActiveSession {
  readonly id: string;
  /** When the user signed in. */
  readonly createTime?: string;
  /** When tokens were last given for it. */
  readonly refreshTime?: string;
  /** When it ends by itself. */
  readonly expireTime?: string;
  /** The access token of this request belongs to it. */
  readonly current: boolean;
}

export interface AdjustStockRequest {
  readonly sku: string;
  readonly warehouse: string;
  readonly delta: number;
  readonly reason: string;
}

export interface CancelOrderRequest {
  readonly id: string;
}

export interface ChangePasswordRequest {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface ConfirmTotpRequest {
  readonly totpCode: string;
}

export interface ConfirmTotpResponse {
  readonly recoveryCodes: readonly string[];
}

export interface CreateProductRequest {
  readonly sku: string;
  readonly title: string;
  readonly description?: string;
  readonly price: MoneyInput;
  readonly tags?: readonly string[];
  /** Where a picture of it is: an address, or a path on the shop's own server. */
  readonly imageUrl?: string;
  /** A StockRanLow tells when no more than this many units can be reserved, over all warehouses. Absent: nothing tells. */
  readonly lowStockThreshold?: number;
}

export interface CreateSessionRequest {
  readonly email: string;
  readonly password: string;
  /** A code of the authenticator, or a recovery code; for accounts where TOTP is active. */
  readonly totpCode?: string;
}

export interface CreateUserRequest {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
}

export type DeleteMeRequest = Readonly<Record<string, never>>;

/** The deletion of an account. Who has its id may see how far it is; it says nothing about whose account it was. */
export interface Deletion {
  readonly id: string;
  readonly state?: DeletionState;
  readonly createTime?: string;
  /** When nothing was left. */
  readonly endTime?: string;
}

export type DeletionState = 'RUNNING' | 'DONE';

export interface DisableTotpRequest {
  readonly totpCode: string;
}

export type EndCurrentSessionRequest = Readonly<Record<string, never>>;

export interface EndSessionRequest {
  readonly id: string;
}

export interface EnrolTotpRequest {
  readonly password: string;
}

export interface EnrolTotpResponse {
  /** Base32, to be typed in. */
  readonly secret: string;
  /** The same as an otpauth:// URI, to be shown as a QR code. */
  readonly uri: string;
}

export type ExportMeRequest = Readonly<Record<string, never>>;

export interface GetDeletionRequest {
  readonly id: string;
}

export type GetJsonWebKeySetRequest = Readonly<Record<string, never>>;

export type GetMeRequest = Readonly<Record<string, never>>;

export interface GetOrderRequest {
  readonly id: string;
}

export interface GetPaymentRequest {
  readonly orderId: string;
}

export interface GetProductRequest {
  readonly sku: string;
}

export interface GetProductStockRequest {
  readonly sku: string;
}

export interface GrantRoleRequest {
  readonly id: string;
  readonly role: UserRole;
}

/** A public Ed25519 key (RFC 8037). */
export interface JsonWebKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
}

export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[];
}

export interface ListOrderHistoryRequest {
  readonly orderId: string;
  /** At most 100; 0 means 20. */
  readonly pageSize?: number;
  /** The next_page_token of the page before. */
  readonly pageToken?: string;
}

export interface ListOrderHistoryResponse {
  readonly transitions: readonly OrderTransition[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface ListOrdersRequest {
  /** At most 100; 0 means 20. */
  readonly pageSize?: number;
  /** The next_page_token of the page before, with every other parameter as it was; page_size may change. */
  readonly pageToken?: string;
  /**
   * A condition (AIP-160) on state, reason, createTime, updateTime, total.minorUnits, total.currencyCode, lines.sku,
   * customerId; e.g. `state = "CONFIRMED" AND createTime >= "2026-11-01T00:00:00Z"` or `lines.sku:mug`. OR binds closer
   * than AND.
   */
  readonly filter?: string;
  /**
   * What to sort by (AIP-132): createTime, updateTime, total, id; e.g. "total desc, createTime". Default: createTime
   * desc.
   */
  readonly orderBy?: string;
  /** Orders of all customers; needs the scope `orders:read:all`. Without it a filter sees the caller's own orders alone. */
  readonly allCustomers?: boolean;
}

export interface ListOrdersResponse {
  readonly orders: readonly Order[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface ListProductsRequest {
  /** At most 100; 0 means 20. */
  readonly pageSize?: number;
  /** The next_page_token of the page before, with every other parameter as it was; page_size may change. */
  readonly pageToken?: string;
  /**
   * Words to look for in sku, title, tags and description, as in a web search: all of them, in any form ("machines" finds
   * "machine"), the last one also as the beginning of a word. "exact phrase", -without, this OR that.
   */
  readonly query?: string;
  /** Only products that have all of these tags. */
  readonly tags?: readonly string[];
  /**
   * What to sort by (AIP-132): sku, title (without regard to case), price, createTime, and relevance where there is a
   * query; e.g. "price desc, title". Default: relevance desc where there is a query, else sku.
   */
  readonly orderBy?: string;
  /**
   * A condition (AIP-160) on sku, title, tags, price.minorUnits, price.currencyCode, available, createTime, updateTime;
   * e.g. `price.minorUnits < 5000 AND available > 0` or `tags:coffee -title:"beans"`. OR binds closer than AND.
   */
  readonly filter?: string;
}

export interface ListProductsResponse {
  readonly products: readonly Product[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface ListSessionsRequest {
  /** At most 100; 0 means 20. */
  readonly pageSize?: number;
  /** The next_page_token of the page before. */
  readonly pageToken?: string;
}

export interface ListSessionsResponse {
  readonly sessions: readonly ActiveSession[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface ListStockMovementsRequest {
  readonly sku: string;
  /** At most 100; 0 means 20. */
  readonly pageSize?: number;
  /** The next_page_token of the page before, with every other parameter as it was; page_size may change. */
  readonly pageToken?: string;
  /** A condition (AIP-160) on warehouse, cause, orderId, time; e.g. `warehouse = main AND time >= "2026-01-31T00:00:00Z"`. */
  readonly filter?: string;
}

export interface ListStockMovementsResponse {
  readonly movements: readonly StockMovement[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export interface ListUsersRequest {
  /** At most 100; 0 means 20. */
  readonly pageSize?: number;
  /** The next_page_token of the page before. */
  readonly pageToken?: string;
  /** Only the account with this e-mail address, compared without case. */
  readonly email?: string;
}

export interface ListUsersResponse {
  readonly users: readonly User[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** An amount in the smallest unit of its currency: 1999 USD is 19.99 dollars. */
export interface Money {
  /** ISO 4217, upper case. */
  readonly currencyCode: string;
  readonly minorUnits: string;
}

/** An amount in the smallest unit of its currency: 1999 USD is 19.99 dollars. */
export interface MoneyInput {
  /** ISO 4217, upper case. */
  readonly currencyCode: string;
  readonly minorUnits?: string;
}

export interface Order {
  readonly id: string;
  readonly state?: OrderState;
  /** Why a REJECTED order ended. */
  readonly reason?: OrderReason;
  readonly lines: readonly OrderLine[];
  readonly total?: Money;
  readonly createTime?: string;
  readonly updateTime?: string;
  /** In the order in which they were asked for. The state of the order does not change by them. */
  readonly refunds: readonly Refund[];
  /** Sum of the refunds that succeeded. */
  readonly amountRefunded?: Money;
  /** Who placed it. */
  readonly customerId: string;
}

export interface OrderChange {
  /** 1 for the first state of the order, then one more for each change. */
  readonly sequence: string;
  readonly order?: Order;
}

export interface OrderLine {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  /** Fixed when the order was accepted. */
  readonly unitPrice?: Money;
}

export type OrderReason = 'OUT_OF_STOCK' | 'PAYMENT_DECLINED' | 'PAYMENT_UNAVAILABLE' | 'EXPIRED';

export type OrderState = 'PENDING' | 'CONFIRMED' | 'REJECTED' | 'CANCELLED';

/** One move of an order's process, or of one of its refunds. */
export interface OrderTransition {
  readonly time?: string;
  /** State of the order from then on. */
  readonly state?: OrderState;
  /** Why a REJECTED order ended. */
  readonly reason?: OrderReason;
  /** What moved it: "placed", "refund requested", "deadline", "cancel", or the answer of a service, e.g. "StockReserved". */
  readonly cause: string;
  /** What is waited for from then on, e.g. "authorize payment"; empty at the end, and while steps are undone. */
  readonly step: string;
  /** What was asked of other services with it, e.g. "AuthorizePayment". */
  readonly commands: readonly string[];
  /** Set where a refund moved, not the order. */
  readonly refundId: string;
  /** State of that refund from then on. */
  readonly refundState?: RefundState;
}

export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly state?: PaymentState;
  readonly amount?: Money;
  readonly amountCaptured?: Money;
  readonly amountRefunded?: Money;
  /** Set when the provider or the payment method refused. */
  readonly failureReason?: PaymentFailureReason;
  readonly createTime?: string;
  readonly updateTime?: string;
}

export type PaymentFailureReason = 'DECLINED' | 'PROVIDER_UNAVAILABLE' | 'PROVIDER_REFUSED';

export type PaymentState = 'REQUIRES_PAYMENT_METHOD' | 'REQUIRES_ACTION' | 'PROCESSING' | 'REQUIRES_CAPTURE' | 'SUCCEEDED' | 'CANCELED' | 'FAILED';

export interface PlaceOrderRequest {
  readonly lines: readonly PlaceOrderRequestLine[];
  /** Token of a payment method at the payment provider. */
  readonly paymentMethod: string;
  /** When set: the order is refused if its total differs. */
  readonly expectedTotal?: MoneyInput;
}

export interface PlaceOrderRequestLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface Product {
  readonly sku: string;
  readonly title: string;
  readonly description: string;
  readonly price?: Money;
  readonly tags: readonly string[];
  readonly imageUrl: string;
  /** Units that can be reserved now, over all warehouses. */
  readonly available: number;
  readonly createTime?: string;
  readonly updateTime?: string;
  /** Absent: nothing tells when stock runs low. */
  readonly lowStockThreshold?: number;
  /**
   * Changes with every change of the product, not with its stock. Hand it back in UpdateProduct to change nothing that
   * you have not seen (AIP-154).
   */
  readonly etag: string;
}

export interface ProductInput {
  readonly sku?: string;
  readonly title?: string;
  readonly description?: string;
  readonly price?: MoneyInput;
  readonly tags?: readonly string[];
  readonly imageUrl?: string;
  /** Units that can be reserved now, over all warehouses. */
  readonly available?: number;
  readonly createTime?: string;
  readonly updateTime?: string;
  /** Absent: nothing tells when stock runs low. */
  readonly lowStockThreshold?: number;
  /**
   * Changes with every change of the product, not with its stock. Hand it back in UpdateProduct to change nothing that
   * you have not seen (AIP-154).
   */
  readonly etag?: string;
}

export interface ProductStock {
  readonly sku: string;
  /** By name. */
  readonly warehouses: readonly WarehouseStock[];
  /** Absent: nothing tells when stock runs low. */
  readonly lowStockThreshold?: number;
}

export interface RefreshSessionRequest {
  readonly refreshToken: string;
}

/** Money of a confirmed order that goes back to the customer. */
export interface Refund {
  readonly id: string;
  readonly orderId: string;
  readonly amount?: Money;
  readonly reason?: RefundReason;
  readonly state?: RefundState;
  /** Why a REJECTED refund ended: its amount can be given back by another one. */
  readonly rejection?: RefundRejection;
  readonly createTime?: string;
  readonly updateTime?: string;
}

export interface RefundOrderRequest {
  readonly id: string;
  /** In the order's currency, more than zero. Without it: all that was not given back yet. */
  readonly amount?: MoneyInput;
  readonly reason: RefundReason;
}

export type RefundReason = 'REQUESTED_BY_CUSTOMER' | 'NOT_DELIVERED' | 'NOT_AS_DESCRIBED' | 'DUPLICATE' | 'FRAUDULENT' | 'GOODWILL';

export type RefundRejection = 'DECLINED' | 'NOT_REFUNDABLE';

export type RefundState = 'PENDING' | 'SUCCEEDED' | 'REJECTED';

export interface RequestPasswordResetRequest {
  readonly email: string;
}

export interface ResetPasswordRequest {
  /** From the mail. */
  readonly token: string;
  readonly password: string;
}

export interface RevokeRoleRequest {
  readonly id: string;
  readonly role: UserRole;
}

export type SendVerificationRequest = Readonly<Record<string, never>>;

export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
  /** "Bearer" (RFC 6750). */
  readonly tokenType: string;
}

export interface StockMovement {
  /** Grows; a movement never changes. */
  readonly id: string;
  readonly warehouse: string;
  readonly cause?: StockMovementCause;
  /** Below zero where an adjustment took units away, else above. */
  readonly quantity: number;
  /** Of the order that moved the units; empty for adjustments. */
  readonly orderId: string;
  /** What was said with an adjustment. */
  readonly reason: string;
  readonly time?: string;
}

export type StockMovementCause = 'ADJUSTED' | 'RESERVED' | 'RELEASED' | 'EXPIRED' | 'CLAIMED';

export interface UpdateMeRequest {
  /** `name` and `email` can be changed; what else the resource has is ignored (AIP-203). */
  readonly user: UserInput;
  /** Which fields to change. Default: those that the body names. */
  readonly updateMask?: string;
}

export interface UpdateProductRequest {
  /**
   * Its sku says which product; what update_mask does not name is ignored. With an etag the change is made to that very
   * version of the product or refused (AIP-154). A part of the price may be changed alone; the rules of CreateProduct
   * hold for the product that comes of it.
   */
  readonly product?: ProductInput;
  readonly updateMask?: string;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly UserRole[];
  readonly createTime?: string;
  /** Mail was received at `email`, by who has this account. */
  readonly emailVerified: boolean;
  /** The address that takes the place of `email` once mail was received there. */
  readonly pendingEmail: string;
}

/** All that the store holds about a user. */
export interface UserExport {
  readonly user?: User;
  /** Those that have not ended; of ended ones nothing is kept. */
  readonly sessions: readonly ActiveSession[];
  readonly orders: readonly Order[];
  readonly payments: readonly Payment[];
  readonly exportTime?: string;
}

export interface UserInput {
  readonly id?: string;
  readonly email?: string;
  readonly name?: string;
  readonly roles?: readonly UserRole[];
  readonly createTime?: string;
  /** Mail was received at `email`, by who has this account. */
  readonly emailVerified?: boolean;
  /** The address that takes the place of `email` once mail was received there. */
  readonly pendingEmail?: string;
}

export type UserRole = 'CUSTOMER' | 'ADMIN';

export interface VerifyEmailRequest {
  /** From the mail. */
  readonly token: string;
}

/** stocked = available + reserved + sold. */
export interface WarehouseStock {
  readonly warehouse: string;
  /** Units that were ever delivered, less those that were taken away by adjustment. */
  readonly stocked: number;
  /** Units of open orders. */
  readonly reserved: number;
  readonly sold: number;
  readonly available: number;
}

export interface WatchOrderRequest {
  readonly id: string;
  /** Only changes after this one; the gateway sets it from Last-Event-ID. */
  readonly afterSequence?: string;
}

/** The codes of all problems that the API answers with. */
export type ErrorCode =
  | 'BAD_REQUEST'
  | 'REQUEST_TIMEOUT'
  | 'URI_TOO_LONG'
  | 'EXPECTATION_FAILED'
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_STREAMS'
  | 'UPGRADE_REQUIRED'
  | 'ORIGIN_NOT_ALLOWED'
  | 'VALIDATION_FAILED'
  | 'UNKNOWN_FIELD'
  | 'MALFORMED_BODY'
  | 'ROUTE_NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'BODY_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'HEADERS_TOO_LARGE'
  | 'THROTTLED'
  | 'UNAUTHENTICATED'
  | 'WRONG_CREDENTIALS'
  | 'REFRESH_TOKEN_INVALID'
  | 'TOTP_REQUIRED'
  | 'SESSIONS_UNKNOWN'
  | 'PERMISSION_DENIED'
  | 'IDEMPOTENCY_KEY_REQUIRED'
  | 'IDEMPOTENCY_KEY_INVALID'
  | 'IDEMPOTENCY_KEY_IN_USE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'WRONG_TOTP_CODE'
  | 'TOTP_ALREADY_ACTIVE'
  | 'TOTP_NOT_ENROLLED'
  | 'EMAIL_TAKEN'
  | 'ACCOUNT_TOKEN_INVALID'
  | 'ACCOUNT_CLOSED'
  | 'DEMO_ACCOUNT'
  | 'SIGN_IN_AGAIN'
  | 'LAST_ADMIN'
  | 'PRODUCT_NOT_FOUND'
  | 'PRODUCT_EXISTS'
  | 'ETAG_MISMATCH'
  | 'WAREHOUSE_NOT_FOUND'
  | 'STOCK_BELOW_COMMITTED'
  | 'RESERVATION_LIMIT'
  | 'ORDER_NOT_FOUND'
  | 'UNKNOWN_SKU'
  | 'MIXED_CURRENCIES'
  | 'TOTAL_CHANGED'
  | 'ORDER_NOT_CANCELLABLE'
  | 'ORDER_NOT_REFUNDABLE'
  | 'REFUND_EXCEEDS_REST'
  | 'PAYMENT_NOT_FOUND'
  | 'SAGA_NOT_FOUND'
  | 'SAGA_MOVED'
  | 'SAGA_MOVE_NOT_ALLOWED'
  | 'DEAD_LETTER_NOT_FOUND'
  | 'DEAD_LETTER_NOT_FIRST'
  | 'DEAD_LETTER_SETTLED'
  | 'DEAD_LETTER_FAILED_AGAIN'
  | 'DEAD_LETTER_LOST'
  | 'NOT_FOUND'
  | 'CANCELLED'
  | 'DEADLINE_EXCEEDED'
  | 'UPSTREAM_UNAVAILABLE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL';

/** The catalogue and the stock. */
export class Inventory {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Lists products, page by page (AIP-158): all of them, or those that match every given condition. */
  listProducts(request: ListProductsRequest = {}, options: CallOptions = {}): Promise<ListProductsResponse> {
    const operation: Operation = { method: 'GET', path: '/v1/products', isPublic: true };
    return this.transport.call<ListProductsResponse>(operation, request, options);
  }

  getProduct(request: GetProductRequest, options: CallOptions = {}): Promise<Product> {
    const operation: Operation = { method: 'GET', path: '/v1/products/{sku}', isPublic: true };
    return this.transport.call<Product>(operation, request, options);
  }

  createProduct(request: CreateProductRequest, options: CallOptions = {}): Promise<Product> {
    const operation: Operation = { method: 'POST', path: '/v1/products', body: '*' };
    return this.transport.call<Product>(operation, request, options);
  }

  /**
   * Changes the fields that update_mask names (AIP-134): title, description, price, tags, image_url, low_stock_threshold.
   * A PATCH without a mask changes what its body names. Open orders keep the price that they were accepted at.
   */
  updateProduct(request: UpdateProductRequest, options: CallOptions = {}): Promise<Product> {
    const operation: Operation = { method: 'PATCH', path: '/v1/products/{product.sku}', body: 'product' };
    return this.transport.call<Product>(operation, request, options);
  }

  /** The units of a product in each warehouse that ever had some. */
  getProductStock(request: GetProductStockRequest, options: CallOptions = {}): Promise<ProductStock> {
    const operation: Operation = { method: 'GET', path: '/v1/products/{sku}/stock' };
    return this.transport.call<ProductStock>(operation, request, options);
  }

  /** Every change of a product's units, newest first (AIP-158). */
  listStockMovements(request: ListStockMovementsRequest, options: CallOptions = {}): Promise<ListStockMovementsResponse> {
    const operation: Operation = { method: 'GET', path: '/v1/products/{sku}/stock/movements' };
    return this.transport.call<ListStockMovementsResponse>(operation, request, options);
  }

  /** Adds to or takes from the stocked units of a warehouse; never below what is reserved or sold. */
  adjustStock(request: AdjustStockRequest, options: CallOptions = {}): Promise<Product> {
    const operation: Operation = { method: 'POST', path: '/v1/products/{sku}:adjustStock', body: '*' };
    return this.transport.call<Product>(operation, request, options);
  }

}

/** Orders and their way from accepted to confirmed. */
export class Orders {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Accepts an order. It is answered at once, PENDING; `Prefer: wait=N` waits for the outcome. */
  placeOrder(request: PlaceOrderRequest, options: CallOptions = {}): Promise<Order> {
    const operation: Operation = { method: 'POST', path: '/v1/orders', body: '*', idempotencyKey: true };
    return this.transport.call<Order>(operation, request, options);
  }

  getOrder(request: GetOrderRequest, options: CallOptions = {}): Promise<Order> {
    const operation: Operation = { method: 'GET', path: '/v1/orders/{id}' };
    return this.transport.call<Order>(operation, request, options);
  }

  /** The caller's own orders, newest first; with `allCustomers` those of everybody (AIP-158, 132, 160). */
  listOrders(request: ListOrdersRequest = {}, options: CallOptions = {}): Promise<ListOrdersResponse> {
    const operation: Operation = { method: 'GET', path: '/v1/orders' };
    return this.transport.call<ListOrdersResponse>(operation, request, options);
  }

  /** Everything that moved an order, oldest first: each answer of a service, what was asked for next, refunds. */
  listOrderHistory(request: ListOrderHistoryRequest, options: CallOptions = {}): Promise<ListOrderHistoryResponse> {
    const operation: Operation = { method: 'GET', path: '/v1/orders/{orderId}/history' };
    return this.transport.call<ListOrderHistoryResponse>(operation, request, options);
  }

  /** Asks for the end of an order whose payment is not yet being captured. */
  cancelOrder(request: CancelOrderRequest, options: CallOptions = {}): Promise<Order> {
    const operation: Operation = { method: 'POST', path: '/v1/orders/{id}:cancel', body: '*' };
    return this.transport.call<Order>(operation, request, options);
  }

  /**
   * Gives back a confirmed order's money, or a part of it; several parts are possible, never more in sum than was
   * captured. Answered at once, PENDING: what becomes of it is to be seen in the order. Goods are not taken back by it.
   */
  refundOrder(request: RefundOrderRequest, options: CallOptions = {}): Promise<Refund> {
    const operation: Operation = { method: 'POST', path: '/v1/orders/{id}:refund', body: '*', idempotencyKey: true };
    return this.transport.call<Refund>(operation, request, options);
  }

  /** The order as it is, then again after each change, until it is terminal. */
  watchOrder(request: WatchOrderRequest, options: WatchOptions = {}): AsyncGenerator<OrderChange, void> {
    const operation: Operation = { method: 'GET', path: '/v1/orders/{id}:watch' };
    return this.transport.watch<OrderChange>(operation, request, options);
  }

}

/** What was held and taken for orders. */
export class Payments {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** The payment of an order; for the customer who placed it and for admins. */
  getPayment(request: GetPaymentRequest, options: CallOptions = {}): Promise<Payment> {
    const operation: Operation = { method: 'GET', path: '/v1/orders/{orderId}/payment' };
    return this.transport.call<Payment>(operation, request, options);
  }

}

/** Accounts and sessions; issues the access tokens of the store. */
export class Users {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Signs up a customer. */
  createUser(request: CreateUserRequest, options: CallOptions = {}): Promise<User> {
    const operation: Operation = { method: 'POST', path: '/v1/users', body: '*', isPublic: true };
    return this.transport.call<User>(operation, request, options);
  }

  /** The signed-in user. */
  getMe(request: GetMeRequest = {}, options: CallOptions = {}): Promise<User> {
    const operation: Operation = { method: 'GET', path: '/v1/users/me' };
    return this.transport.call<User>(operation, request, options);
  }

  /**
   * Signs in. The answer is the same for an unknown account and for a wrong password. Where TOTP is active it takes a
   * code besides, or one of the recovery codes.
   */
  createSession(request: CreateSessionRequest, options: CallOptions = {}): Promise<Session> {
    const operation: Operation = { method: 'POST', path: '/v1/sessions', body: '*', isPublic: true };
    return this.transport.call<Session>(operation, request, options);
  }

  /**
   * Gives new tokens for a refresh token, which cannot be used again: a second use ends the session, since one of the two
   * who used it is not its owner. A client whose answer was lost signs in again.
   */
  refreshSession(request: RefreshSessionRequest, options: CallOptions = {}): Promise<Session> {
    const operation: Operation = { method: 'POST', path: '/v1/sessions:refresh', body: '*', isPublic: true };
    return this.transport.call<Session>(operation, request, options);
  }

  /** The sessions of the signed-in user that have not ended, the youngest first. */
  listSessions(request: ListSessionsRequest = {}, options: CallOptions = {}): Promise<ListSessionsResponse> {
    const operation: Operation = { method: 'GET', path: '/v1/sessions' };
    return this.transport.call<ListSessionsResponse>(operation, request, options);
  }

  /** Signs out: ends the session that the access token belongs to. Its tokens are refused everywhere within a second. */
  endCurrentSession(request: EndCurrentSessionRequest = {}, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'DELETE', path: '/v1/sessions/current' };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /** Ends a session of the signed-in user, e.g. that of a device that was lost. */
  endSession(request: EndSessionRequest, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'DELETE', path: '/v1/sessions/{id}' };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /**
   * Begins to add an authenticator (RFC 6238) as second factor. The secret is shown in this answer alone, and counts only
   * when a code of it has been confirmed; asking again makes another one. Takes the password: a stolen access token must
   * not lock its owner out.
   */
  enrolTotp(request: EnrolTotpRequest, options: CallOptions = {}): Promise<EnrolTotpResponse> {
    const operation: Operation = { method: 'POST', path: '/v1/users/me/totp', body: '*' };
    return this.transport.call<EnrolTotpResponse>(operation, request, options);
  }

  /**
   * Makes the authenticator count: from now on every sign-in asks for a code. Answers codes for the day on which the
   * device is lost, each good once; they are shown in this answer alone.
   */
  confirmTotp(request: ConfirmTotpRequest, options: CallOptions = {}): Promise<ConfirmTotpResponse> {
    const operation: Operation = { method: 'POST', path: '/v1/users/me/totp:confirm', body: '*' };
    return this.transport.call<ConfirmTotpResponse>(operation, request, options);
  }

  /** Takes the authenticator and its recovery codes away. Takes a code, or a recovery code. */
  disableTotp(request: DisableTotpRequest, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'POST', path: '/v1/users/me/totp:disable', body: '*' };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /**
   * Changes the signed-in user's name or e-mail address (AIP-134). A new address is `pendingEmail` until it is verified
   * with the token that is mailed there; it wants a session that began with a sign-in within the last 15 minutes.
   */
  updateMe(request: UpdateMeRequest, options: CallOptions = {}): Promise<User> {
    const operation: Operation = { method: 'PATCH', path: '/v1/users/me', body: 'user' };
    return this.transport.call<User>(operation, request, options);
  }

  /** Sets a new password and ends all other sessions of the user, who is told by mail. */
  changePassword(request: ChangePasswordRequest, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'POST', path: '/v1/users/me:changePassword', body: '*' };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /** All that the store holds about the signed-in user, from all services; or nothing (503) while one of them is away. */
  exportMe(request: ExportMeRequest = {}, options: CallOptions = {}): Promise<UserExport> {
    const operation: Operation = { method: 'GET', path: '/v1/users/me:export' };
    return this.transport.call<UserExport>(operation, request, options);
  }

  /**
   * Deletes the signed-in user's account, in all services. Its sessions end at once; orders that are open are cancelled
   * where that is still possible, else brought to their end first. Wants a session that began with a sign-in within the
   * last 15 minutes. The Location shows, without a token, how far it is.
   */
  deleteMe(request: DeleteMeRequest = {}, options: CallOptions = {}): Promise<Deletion> {
    const operation: Operation = { method: 'DELETE', path: '/v1/users/me' };
    return this.transport.call<Deletion>(operation, request, options);
  }

  /** How far the deletion of an account is. Its id is random, and known to who deleted the account alone. */
  getDeletion(request: GetDeletionRequest, options: CallOptions = {}): Promise<Deletion> {
    const operation: Operation = { method: 'GET', path: '/v1/deletions/{id}', isPublic: true };
    return this.transport.call<Deletion>(operation, request, options);
  }

  /** Mails a token to the address of the signed-in user that is not verified, again; does nothing where none waits for it. */
  sendVerification(request: SendVerificationRequest = {}, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'POST', path: '/v1/users/me:sendVerification', body: '*' };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /** Takes the token of a mail as proof that its reader has the account. */
  verifyEmail(request: VerifyEmailRequest, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'POST', path: '/v1/users:verifyEmail', body: '*', isPublic: true };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /** Mails a token for a new password to the address, if it has an account; whether it has one is not told. */
  requestPasswordReset(request: RequestPasswordResetRequest, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'POST', path: '/v1/users:requestPasswordReset', body: '*', isPublic: true };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /**
   * Sets a new password by the token of a mail, once, within an hour. All sessions of the user end, and the owner is told
   * by mail. A second factor stays.
   */
  resetPassword(request: ResetPasswordRequest, options: CallOptions = {}): Promise<Readonly<Record<string, never>>> {
    const operation: Operation = { method: 'POST', path: '/v1/users:resetPassword', body: '*', isPublic: true };
    return this.transport.call<Readonly<Record<string, never>>>(operation, request, options);
  }

  /** Gives a user a role. All sessions of the user end: the role counts from the next sign-in on. */
  grantRole(request: GrantRoleRequest, options: CallOptions = {}): Promise<User> {
    const operation: Operation = { method: 'POST', path: '/v1/users/{id}:grantRole', body: '*' };
    return this.transport.call<User>(operation, request, options);
  }

  /** Takes a role from a user, whose sessions all end: no token with its rights outlives it. The last administrator stays. */
  revokeRole(request: RevokeRoleRequest, options: CallOptions = {}): Promise<User> {
    const operation: Operation = { method: 'POST', path: '/v1/users/{id}:revokeRole', body: '*' };
    return this.transport.call<User>(operation, request, options);
  }

  /** Accounts, the youngest first (AIP-158). */
  listUsers(request: ListUsersRequest = {}, options: CallOptions = {}): Promise<ListUsersResponse> {
    const operation: Operation = { method: 'GET', path: '/v1/users' };
    return this.transport.call<ListUsersResponse>(operation, request, options);
  }

  /** The public keys that access tokens are signed with (RFC 7517). */
  getJsonWebKeySet(request: GetJsonWebKeySetRequest = {}, options: CallOptions = {}): Promise<JsonWebKeySet> {
    const operation: Operation = { method: 'GET', path: '/.well-known/jwks.json', isPublic: true };
    return this.transport.call<JsonWebKeySet>(operation, request, options);
  }

}

/** All services of the API. */
export class Services {
  readonly inventory: Inventory;
  readonly orders: Orders;
  readonly payments: Payments;
  readonly users: Users;

  constructor(transport: Transport) {
    this.inventory = new Inventory(transport);
    this.orders = new Orders(transport);
    this.payments = new Payments(transport);
    this.users = new Users(transport);
  }
}
