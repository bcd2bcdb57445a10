import { Inject, Injectable } from '@nestjs/common';
import type { Order, Orders, Payment, Payments } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { PageOf, PageRequest } from '#libs/listing';
import type { GrpcClient } from '#libs/service';
import { type ActiveSession, SessionsStore } from '../../sessions/sessions.store.js';
import type { User } from '../user.js';

/** Injection tokens of the clients for the other services. */
export const ORDERS = Symbol('orders');
export const PAYMENTS = Symbol('payments');

const PAGE_SIZE = 100;
const RETRY_AFTER_SECONDS = 5;

/** All that the store holds about somebody. */
export interface AccountExport {
  readonly sessions: ActiveSession[];
  readonly orders: Order[];
  readonly payments: Payment[];
}

@Injectable()
export class ExportAccount {
  constructor(
    private readonly sessions: SessionsStore,
    @Inject(ORDERS) private readonly orders: Pick<GrpcClient<typeof Orders>, 'listOrders'>,
    @Inject(PAYMENTS) private readonly payments: Pick<GrpcClient<typeof Payments>, 'listPayments'>,
  ) {}

  /**
   * Asks each service on behalf of the user, under a principal that users signs. All or nothing: throws
   * UPSTREAM_UNAVAILABLE when a service does not answer, since nobody could see that a part is missing.
   */
  async collect({ id: subject }: User): Promise<AccountExport> {
    const asked = { as: { subject, scopes: ['orders:read', 'payments:read'] } };
    const [sessions, orders, payments] = await Promise.all([
      allRows((page) => this.sessions.page(subject, page)),
      allPages((pageToken) =>
        this.orders
          .listOrders({ pageSize: PAGE_SIZE, pageToken }, asked)
          .then((page) => ({ items: page.orders, next: page.nextPageToken })),
      ),
      allPages((pageToken) =>
        this.payments
          .listPayments({ pageSize: PAGE_SIZE, pageToken }, asked)
          .then((page) => ({ items: page.payments, next: page.nextPageToken })),
      ),
    ]);
    return { sessions, orders, payments };
  }
}

async function allPages<T>(ask: (token: string) => Promise<{ items: T[]; next: string }>): Promise<T[]> {
  const all: T[] = [];
  let token = '';
  do {
    const { items, next } = await ask(token).catch((cause: unknown) => {
      throw new DomainError('UPSTREAM_UNAVAILABLE', {
        message: 'Not everything could be collected: a service is unavailable for the moment.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause,
      });
    });
    all.push(...items);
    token = next;
  } while (token !== '');
  return all;
}

async function allRows<T>(read: (page: PageRequest) => Promise<PageOf<T>>): Promise<T[]> {
  const all: T[] = [];
  let after: PageRequest['after'];
  do {
    const { rows, next } = await read({ size: PAGE_SIZE, after });
    all.push(...rows);
    after = next;
  } while (after !== undefined);
  return all;
}
