import type { Observable } from 'rxjs';
import type { CreateOrder } from './create-order.js';

/** What the client of `ClientGrpc` has for the service; answers are passed on as they come. */
export interface Shop {
  getProduct(request: { id: string }): Observable<object>;
  listProducts(request: { pageSize?: number; pageToken?: string }): Observable<object>;
  createOrder(request: CreateOrder): Observable<object>;
}
