import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import type { GatewayConfig } from '../gateway-config.js';
import { answerParserError } from './parser-errors.js';

/** How the HTTP server under the gateway is set up: limits, slow clients, proxies. */
export function serverOptions(
  limits: GatewayConfig['limits'],
  trustedProxies: readonly string[],
): FastifyHttpOptions<Server> {
  return {
    logger: false,
    // Addresses come from the socket unless the configuration names who may say otherwise.
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // The gateway's router works on the target as it was sent. fastify's decodes and refuses in its own words, so it only
    // ever sees this one path.
    rewriteUrl: () => '/',
    http: {
      // Refused by checkProtocol, with a problem document.
      requireHostHeader: false,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersSeconds * 1000,
      connectionsCheckingInterval: 1_000,
    },
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: 65_000,
    clientErrorHandler: answerParserError,
    // While the gateway stops, what reaches it on open connections is still answered.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  };
}
