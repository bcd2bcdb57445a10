import { DomainError } from '#libs/errors';

/** An RFC 9651 decimal: up to 12 digits, three behind the point. */
const DECIMAL = /^\d{1,12}(\.\d{1,3})?$/;

/**
 * Milliseconds that a client gives a request by `Request-Timeout: 2.5` (seconds); undefined where it says nothing. No standard
 * names such a header; gRPC's own is `grpc-timeout`, which belongs to the hop behind the gateway. Throws VALIDATION_FAILED.
 */
export function clientTimeoutMs(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = [header].flat().join(',').trim();
  const ms = DECIMAL.test(text) ? Number(text) * 1000 : 0;
  if (ms > 0) return ms;
  const description = 'must be a number of seconds above 0, e.g. 2.5';
  throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'Request-Timeout', description }] });
}
