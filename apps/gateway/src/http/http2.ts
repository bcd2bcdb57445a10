import {
  createServer,
  type Http2Server,
  Http2ServerRequest,
  type Http2ServerResponse,
  type ServerOptions,
} from 'node:http2';
import type { GatewayConfig } from '../gateway-config.js';
import type { Begin } from './http1.js';

class Http2Request extends Http2ServerRequest {
  /** As of HTTP/1.1. */
  get headersDistinct(): NodeJS.Dict<string[]> {
    const distinct: NodeJS.Dict<string[]> = {};
    for (let at = 0; at < this.rawHeaders.length; at += 2) {
      const name = this.rawHeaders[at] ?? '';
      const values = distinct[name] ?? [];
      values.push(this.rawHeaders[at + 1] ?? '');
      distinct[name] = values;
    }
    return distinct;
  }
}

type Http2Options = ServerOptions<never, never, typeof Http2Request>;

/**
 * What a connection may cost. nghttp2 holds it against these and ends the connection with ENHANCE_YOUR_CALM; the rest of
 * its limits, such as CONTINUATION frames (8), are fixed and fine.
 */
function http2Options({ headerBytes }: GatewayConfig['limits'], maxStreams: number): Http2Options {
  return {
    Http2ServerRequest: Http2Request,
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: headerBytes },
    maxHeaderListPairs: 100,
    // Streams that are opened and reset at once (CVE-2023-44487): so many at first, then so many a second.
    streamResetBurst: 2 * maxStreams,
    streamResetRate: 33,
    maxSettings: 32,
    maxOutstandingPings: 10,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    // Of what is held for a connection, megabytes.
    maxSessionMemory: 10,
  };
}

/** A server of HTTP/2 that does not listen: connections are given to it by `emit('connection', socket)`. */
export function createHttp2(limits: GatewayConfig['limits'], maxStreams: number, begin: Begin): Http2Server {
  const server = createServer(http2Options(limits, maxStreams));
  const take = (request: Http2Request, response: Http2ServerResponse) => {
    const reply = begin(request, response);
    response.on('close', () => reply.closed());
  };
  // "100 Continue" is sent when somebody is going to read the body, not before; other expectations are refused there.
  for (const event of ['request', 'checkContinue', 'checkExpectation', 'connect']) server.on(event, take);
  return server;
}
