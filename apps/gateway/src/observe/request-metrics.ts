import type { Attributes } from '@opentelemetry/api';
import { Code, Throttle_Dimension as Dimension } from '#libs/contracts';
import { isErrorCode } from '#libs/errors';
import { meter } from '#libs/telemetry';
import type { Exchange } from '../http/exchange.js';
import type { BoundRoute } from '../operations/operation.js';
import type { Failure } from '../problems/failure.js';
import { methodOf } from './server-span.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** There is one stage yet. */
const STAGE = 'default';

const gateway = meter('gateway');
const histogram = (name: string, description: string) =>
  gateway.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: SECONDS } });

const requests = gateway.createCounter('gateway.requests', { description: 'Count: requests by route' });
const clientErrors = gateway.createCounter('gateway.client_errors', { description: '4XXError: answers 400 to 499' });
const serverErrors = gateway.createCounter('gateway.server_errors', { description: '5XXError: answers from 500' });
const throttled = gateway.createCounter('gateway.throttled', { description: 'Requests refused by a throttle' });
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
  const labels = bound ? ofRoute(bound, verb) : ofOthers(verb, failure);
  requests.add(1, labels);
  if (status >= 400) countError(status, failure, labels);
  if (!bound?.operation.stream) {
    const timed = waited ? { ...labels, waited: 'true' } : labels;
    latency.record(durationMs / 1000, timed);
    if (upstreamMs !== undefined) integration.record(upstreamMs / 1000, timed);
  }
  duration.record(durationMs / 1000, {
    'http.request.method': verb,
    'url.scheme': exchange.scheme,
    'http.response.status_code': status,
    ...(bound && { 'http.route': bound.route.template.text }),
    ...(failure && { 'error.type': boundedCode(failure.code) }),
  });
}

/** Counts what never became a request. */
export function countRefusal(failure: Failure): void {
  const labels = ofOthers('_OTHER', failure);
  requests.add(1, labels);
  countError(failure.status, failure, labels);
}

function countError(status: number, failure: Failure | undefined, labels: Attributes): void {
  const code = failure ? boundedCode(failure.code) : status === 499 ? 'CANCELLED' : 'OTHER';
  (status < 500 ? clientErrors : serverErrors).add(1, { ...labels, code });
  const bucket = failure?.code === 'THROTTLED' ? failure.metadata.bucket : undefined;
  if (bucket !== undefined) throttled.add(1, { ...labels, bucket: isBucket(bucket) ? bucket : 'other' });
}

// The same objects each time: a deployment has a few hundred routes, and goes with them.
const byRoute = new WeakMap<BoundRoute, Map<string, Attributes>>();

function ofRoute(bound: BoundRoute, method: string): Attributes {
  const byMethod = byRoute.get(bound) ?? new Map<string, Attributes>();
  byRoute.set(bound, byMethod);
  const known = byMethod.get(method);
  if (known) return known;
  const labels = { api: bound.api, stage: STAGE, method, resource: bound.route.template.text };
  byMethod.set(method, labels);
  return labels;
}

/** The gateway's own pages, and what no route knows: never a path that a client has made up. */
function ofOthers(method: string, failure: Failure | undefined): Attributes {
  return { api: 'gateway', stage: STAGE, method, resource: failure ? 'unmatched' : 'own' };
}

/** Codes are labels where they are of a closed list: services behind the gateway may send any. */
function boundedCode(code: string): string {
  return isErrorCode(code) || code in Code ? code : 'OTHER';
}

const isBucket = (name: string) => name.split('+').every((part) => part.toUpperCase() in Dimension);
