import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { GatewayConfig } from '../gateway-config.js';

/** What the listener proves itself with, as PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificate that the configuration names. Throws when it cannot be read, or the key is another one's. */
export function readCertificate(tls: GatewayConfig['tls']): Certificate | undefined {
  if (!tls) return undefined;
  const certificate = { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  createSecureContext(certificate);
  return certificate;
}
