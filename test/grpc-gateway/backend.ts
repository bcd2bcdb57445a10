import type { DescService } from '@bufbuild/protobuf';
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';

/** What a gateway sent. */
export interface Seen {
  readonly rpc: string;
  readonly bytes: Buffer;
}

/** What the service answers next: a message, or an error. */
export type Answer =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'error'; readonly code: number; readonly details: string };

/** The service behind both gateways: keeps what it is sent, and answers what it is told to. */
export class Backend {
  answer: Answer = { kind: 'message', bytes: new Uint8Array() };
  seen: Seen | undefined;
  private readonly server = new Server();

  constructor(service: DescService) {
    const asIs = (bytes: Buffer) => bytes;
    const definition: ServiceDefinition = Object.fromEntries(
      service.methods.map(({ name }) => [
        name,
        {
          path: `/${service.typeName}/${name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: asIs,
          requestDeserialize: asIs,
          responseSerialize: asIs,
          responseDeserialize: asIs,
        },
      ]),
    );
    const handlers = service.methods.map(({ name }) => [name, this.handler(name)]);
    this.server.addService(definition, Object.fromEntries(handlers));
  }

  /** Listens on a free port of 127.0.0.1, which it gives. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
  }

  close(): void {
    this.server.forceShutdown();
  }

  private handler(rpc: string): handleUnaryCall<Buffer, Buffer> {
    return ({ request }, reply) => {
      this.seen = { rpc, bytes: request };
      const { answer } = this;
      if (answer.kind === 'error') reply({ code: answer.code, details: answer.details });
      else reply(null, Buffer.from(answer.bytes));
    };
  }
}
