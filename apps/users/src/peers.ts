import { Inject, Injectable, type ModuleMetadata, type OnApplicationShutdown } from '@nestjs/common';
import { Orders, Payments } from '#libs/contracts';
import { PrincipalTokens, serviceSubject } from '#libs/identity';
import { type GrpcClient, grpcClient } from '#libs/service';
import { ORDERS, PAYMENTS } from './accounts/export-account/export-account.js';
import type { UsersConfig } from './config.js';

const AS = { subject: serviceSubject('users'), scopes: [] };

/** The services that users asks, on behalf of its users. */
export function peerParts(config: UsersConfig): Required<Pick<ModuleMetadata, 'providers'>> {
  const orders = (tokens: PrincipalTokens) =>
    grpcClient(Orders, config.ORDERS_ADDRESS, { tokens, audience: 'orders', as: AS });
  const payments = (tokens: PrincipalTokens) =>
    grpcClient(Payments, config.PAYMENTS_ADDRESS, { tokens, audience: 'payments', as: AS });
  return {
    providers: [
      { provide: ORDERS, useFactory: orders, inject: [PrincipalTokens] },
      { provide: PAYMENTS, useFactory: payments, inject: [PrincipalTokens] },
      PeersEnd,
    ],
  };
}

@Injectable()
class PeersEnd implements OnApplicationShutdown {
  constructor(
    @Inject(ORDERS) private readonly orders: GrpcClient<typeof Orders>,
    @Inject(PAYMENTS) private readonly payments: GrpcClient<typeof Payments>,
  ) {}

  onApplicationShutdown(): void {
    this.orders.close();
    this.payments.close();
  }
}
