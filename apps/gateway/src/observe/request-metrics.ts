import type { Attributes } from '@opentelemetry/api';
import { Code, Throttle_Dimension as Dimension } from '#libs/contracts';
import { isErrorCode } from '#libs/errors';
import { boundCounter, boundHistogram, type CountSeries, type HistogramSeries, meter } from '#libs/telemetry';
import type { Exchange } from '../http/exchange.js';
import type { BoundRoute } from '../operations/operation.js';
import type { Failure } from '../problems/failure.js';
import { methodOf } from './server-span.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** There is one stage yet. */
const STAGE = 'default';

const gateway = meter('gateway');
const clientErrors = gateway.createCounter('gateway.client_errors', { description: '4XXError: answers 400 to 499' });
const serverErrors = gateway.createCounter('gateway.server_errors', { description: '5XXError: answers from 500' });
const throttled = gateway.createCounter('gateway.throttled', { description: 'Requests refused by a throttle' });

// Of every request: the others are of a few.
const histogram = (name: string, description: string) =>
  boundHistogram('gateway', name, { description, unit: 's', boundaries: SECONDS });
const requests = boundCounter('gateway', 'gateway.requests', { description: 'Count: requests by route' });
const latency = histogram('gateway.latency', 'Latency: until the end of the answer, without streams');
const integration = histogram(
  'gateway.integration_latency',
  'IntegrationLatency: the part of it that the service took',
);
const duration = histogram('http.server.request.duration', 'Duration of HTTP server requests.');

/** A request that has ended. */
export interface EndedRequest {
  readonly exchange: Exchange;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
  /** Whether the client asked to wait for an outcome (Prefer: wait), and the gateway did: its time is then no fault. */
  readonly waited: boolean;
}

/** Counts a request under the names of docs/metrics.md. */
export function countRequest({ exchange, method, status, durationMs, waited }: EndedRequest): void {
  const { bound, failure, upstreamMs } = exchange;
  const verb = methodOf(method);
  const series = bound ? ofRoute(bound, verb) : ofOthers(verb, failure);
  series.requests.add();
  if (status >= 400) countError(status, failure, series.labels);
  if (!bound?.operation.stream && !bound?.operation.sends) {
    const times = series.timesOf(waited);
    times.latency.record(durationMs / 1000);
    if (upstreamMs !== undefined) times.integration.record(upstreamMs / 1000);
  }
  series.duration(exchange, status).record(durationMs / 1000);
}

/** Counts what never became a request. */
export function countRefusal(failure: Failure): void {
  const series = ofOthers('_OTHER', failure);
  series.requests.add();
  countError(failure.status, failure, series.labels);
}

function countError(status: number, failure: Failure | undefined, labels: Attributes): void {
  const code = failure ? boundedCode(failure.code) : status === 499 ? 'CANCELLED' : 'OTHER';
  (status < 500 ? clientErrors : serverErrors).add(1, { ...labels, code });
  const bucket = failure?.code === 'THROTTLED' ? failure.metadata.bucket : undefined;
  if (bucket !== undefined) throttled.add(1, { ...labels, bucket: isBucket(bucket) ? bucket : 'other' });
}

/** How long requests took. */
class Times {
  readonly latency: HistogramSeries;
  readonly integration: HistogramSeries;

  constructor(labels: Attributes) {
    this.latency = latency.of(labels);
    this.integration = integration.of(labels);
  }
}

/** What is counted for a method of a route, or of what has none. */
class RequestSeries {
  readonly requests: CountSeries;
  private readonly times: { plain?: Times; waited?: Times } = {};
  /** By status, of answers that are no failures. */
  private readonly durations: HistogramSeries[] = [];

  constructor(
    readonly labels: Attributes,
    private readonly verb: string,
  ) {
    this.requests = requests.of(labels);
  }

  /** `waited`: see EndedRequest. Made when they are first needed: a stream has none. */
  timesOf(waited: boolean): Times {
    const kind = waited ? 'waited' : 'plain';
    const times = this.times[kind] ?? new Times(waited ? { ...this.labels, waited: 'true' } : this.labels);
    this.times[kind] = times;
    return times;
  }

  duration({ bound, failure, scheme }: Exchange, status: number): HistogramSeries {
    const known = failure ? undefined : this.durations[status];
    if (known) return known;
    const series = duration.of({
      'http.request.method': this.verb,
      'url.scheme': scheme,
      'http.response.status_code': status,
      ...(bound && { 'http.route': bound.route.template.text }),
      ...(failure && { 'error.type': boundedCode(failure.code) }),
    });
    if (!failure) this.durations[status] = series;
    return series;
  }
}

// A deployment has a few hundred routes, and they go with it.
const byRoute = new WeakMap<BoundRoute, Map<string, RequestSeries>>();
const others = new Map<string, RequestSeries>();

function ofRoute(bound: BoundRoute, method: string): RequestSeries {
  const byMethod = byRoute.get(bound) ?? new Map<string, RequestSeries>();
  byRoute.set(bound, byMethod);
  const known = byMethod.get(method);
  if (known) return known;
  const series = new RequestSeries(
    { api: bound.api, stage: STAGE, method, resource: bound.route.template.text },
    method,
  );
  byMethod.set(method, series);
  return series;
}

/** The gateway's own pages, and what no route knows: never a path that a client has made up. */
function ofOthers(method: string, failure: Failure | undefined): RequestSeries {
  const resource = failure ? 'unmatched' : 'own';
  const key = `${method} ${resource}`;
  const series = others.get(key) ?? new RequestSeries({ api: 'gateway', stage: STAGE, method, resource }, method);
  others.set(key, series);
  return series;
}

/** Codes are labels where they are of a closed list: services behind the gateway may send any. */
function boundedCode(code: string): string {
  return isErrorCode(code) || code in Code ? code : 'OTHER';
}

const isBucket = (name: string) => name.split('+').every((part) => part.toUpperCase() in Dimension);
