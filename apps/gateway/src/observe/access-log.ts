import { Injectable } from '@nestjs/common';
import type { Histogram } from '@opentelemetry/api';
import type { FastifyReply } from 'fastify';
import { ANONYMOUS } from '#libs/identity';
import { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import { endServerSpan, methodOf } from './server-span.js';

const CLIENT_CLOSED_REQUEST = 499;

/** What is left of a request: the end of its span, a line in the log, a count in the metrics. Never a secret. */
@Injectable()
export class AccessLog {
  private readonly duration: Histogram;

  constructor(private readonly log: Log) {
    this.duration = meter('gateway').createHistogram('http.server.request.duration', {
      description: 'Duration of HTTP server requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
    });
  }

  /** Called once, when the answer is out or the client has gone. */
  record(reply: FastifyReply): void {
    const { exchange, method } = reply.request;
    const { bound, caller, failure } = exchange;
    const status = exchange.clientGone.signal.aborted ? CLIENT_CLOSED_REQUEST : reply.raw.statusCode;
    const durationMs = performance.now() - exchange.startedAt;
    const route = bound?.route.template.text;
    endServerSpan(exchange, method, status);
    this.duration.record(durationMs / 1000, {
      'http.request.method': methodOf(method),
      'url.scheme': 'http',
      'http.response.status_code': status,
      ...(route && { 'http.route': route }),
      ...(failure && { 'error.type': failure.code }),
    });
    const fields = {
      method,
      route: route ?? null,
      rpc: bound?.operation.name,
      status,
      durationMs: rounded(durationMs),
      upstreamMs: exchange.upstreamMs === undefined ? undefined : rounded(exchange.upstreamMs),
      bytes: Number(reply.raw.getHeader('content-length') ?? 0) || undefined,
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
