import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileRegistry, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { filesOf, type GatewayConfig } from '../gateway-config.js';
import { type Certificate, readCertificate } from '../http/server-certificate.js';
import type { Operations } from '../operations/load-operations.js';
import type { Upstream } from '../operations/operation.js';

/** One reading of the configuration and of what it names. It never changes: another reading is another deployment. */
export class Deployment {
  private requests = 0;
  private readonly drained = Promise.withResolvers<void>();
  private isRetired = false;
  /** The same for two readings of the same. */
  readonly fingerprint: string;
  /** Of the listener. */
  readonly certificate: Certificate | undefined;

  constructor(
    readonly config: GatewayConfig,
    readonly operations: Operations,
    /** The types of each API, in the order of the configuration. */
    readonly registries: readonly FileRegistry[],
  ) {
    const hash = createHash('sha256').update(JSON.stringify(config));
    for (const { file } of filesOf(config)) hash.update(readFileSync(file));
    for (const registry of registries) {
      for (const { proto } of registry.files) hash.update(toBinary(FileDescriptorProtoSchema, proto));
    }
    this.fingerprint = hash.digest('base64');
    this.certificate = readCertificate(config.tls);
  }

  get upstreams(): Upstream[] {
    return this.operations.all.map(({ upstream }) => upstream);
  }

  /** A request that came in under this deployment stays with it to its end. */
  enter(): void {
    this.requests++;
  }

  leave(): void {
    this.requests--;
    this.settle();
  }

  /** Called when another deployment has taken over; resolves when the last request of this one has ended. */
  retire(): Promise<void> {
    this.isRetired = true;
    this.settle();
    return this.drained.promise;
  }

  private settle(): void {
    if (this.isRetired && this.requests === 0) this.drained.resolve();
  }
}
