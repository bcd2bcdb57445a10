import type { IncomingHttpHeaders } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';
import type { Caller, Exchange } from './exchange.js';
import type { RawRequest } from './raw.js';
import type { Upgrade } from './upgrade.js';

/** A request as guards, interceptors, filters and the pipeline see it. */
export class EdgeRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Where passport puts what the strategy has verified. */
  user?: Caller;
  /** Set where the client asks for a WebSocket, and there is one at the path. */
  upgrade?: Upgrade;

  constructor(
    readonly raw: RawRequest,
    /** The client's address. */
    readonly ip: string,
    readonly exchange: Exchange,
  ) {
    this.method = raw.method ?? '';
    this.headers = raw.headers;
  }
}

/** The request that Nest asks a guard about. Its switchToHttp() makes an object of functions each time; there are four guards. */
export function requestOf(context: ArgumentsHost): EdgeRequest {
  return context.getArgByIndex(0);
}
