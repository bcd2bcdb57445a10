import { types } from 'node:util';

const SQLSTATES = /^(08|57P0)|^(40001|40P01|53300)$/;
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);
// pg and kysely report these without any code.
const MESSAGES =
  /^(cached plan must not change result type|Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after calling end|Client has encountered a connection error|Client was closed and is not queryable|driver has already been destroyed)/;

/**
 * Whether the same work may succeed when it is tried again, since only the connection or a concurrent transaction was
 * in its way: SQLSTATE 08* (connection), 57P0* (server shutting down), 40001 (serialization), 40P01 (deadlock), 53300
 * (too many connections), refused or reset sockets, time-outs of the pool. Looks through `cause`.
 */
export function isTransient(error: unknown): boolean {
  for (let at = error, depth = 0; types.isNativeError(at) && depth < 8; at = at.cause, depth++) {
    const code = 'code' in at ? String(at.code) : '';
    if (SQLSTATES.test(code) || SYSTEM_CODES.has(code) || MESSAGES.test(at.message)) return true;
  }
  return false;
}
