import { Injectable } from '@nestjs/common';
import { ANONYMOUS } from '#libs/identity';
import { Log } from '#libs/service';
import type { EdgeReply } from '../http/edge-reply.js';
import { countRequest } from './request-metrics.js';
import { endServerSpan } from './server-span.js';

const CLIENT_CLOSED_REQUEST = 499;

/** What is left of a request: the end of its span, a line in the log, a count in the metrics. Never a secret. */
@Injectable()
export class AccessLog {
  constructor(private readonly log: Log) {}

  /** Called once, when the answer is out or the client has gone. */
  record(reply: EdgeReply): void {
    const { exchange, method } = reply.request;
    const { bound, caller, failure } = exchange;
    const status = exchange.clientGone.aborted ? CLIENT_CLOSED_REQUEST : reply.statusCode;
    const durationMs = performance.now() - exchange.startedAt;
    const route = bound?.route.template.text;
    endServerSpan(exchange, method, status);
    const waited = reply.hasHeader('preference-applied');
    countRequest({ exchange, method, status, durationMs, waited });
    const fields = {
      method,
      route: route ?? null,
      rpc: bound?.operation.name,
      status,
      durationMs: rounded(durationMs),
      upstreamMs: exchange.upstreamMs === undefined ? undefined : rounded(exchange.upstreamMs),
      bytes: Number(reply.getHeader('content-length') ?? 0) || undefined,
      principal: caller && (caller.subject === ANONYMOUS ? ANONYMOUS : 'user'),
      code: failure?.code,
      bucket: failure?.metadata.bucket,
      replayed: exchange.replayed || undefined,
    };
    if (status >= 500) this.log.warn(fields, 'request answered');
    else this.log.info(fields, 'request answered');
  }
}

const rounded = (ms: number) => Math.round(ms * 10) / 10;
