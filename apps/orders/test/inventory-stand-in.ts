import { type MessageInitShape } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { decodeJwt } from 'jose';
import { type GetProductRequest, Inventory, type ProductSchema, serviceDefinition } from '#libs/contracts';
import { freePort } from '#libs/embedded';
import { DomainError, toServiceError } from '#libs/errors';

type Product = MessageInitShape<typeof ProductSchema>;

/** Answers GetProduct over real gRPC, and remembers for whom it was asked. */
export class InventoryStandIn {
  readonly products = new Map<string, Product>();
  readonly asked: { sku: string; by: unknown; for: unknown; audience: unknown }[] = [];
  private server = new Server();
  address = '';

  async start(): Promise<void> {
    this.address ||= `127.0.0.1:${await freePort()}`;
    this.server = new Server();
    this.server.addService(serviceDefinition(Inventory), {
      GetProduct: (call: ServerUnaryCall<GetProductRequest, Product>, reply: sendUnaryData<Product>) => {
        const { sku } = call.request;
        const claims = decodeJwt(String(call.metadata.get('authorization')[0]).replace('Bearer ', ''));
        this.asked.push({ sku, by: claims.iss, for: claims.sub, audience: claims.aud });
        const product = this.products.get(sku);
        if (product) reply(null, product);
        else reply(toServiceError(new DomainError('PRODUCT_NOT_FOUND')));
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.bindAsync(this.address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
    await promise;
  }

  stop(): void {
    this.server.forceShutdown();
  }
}
