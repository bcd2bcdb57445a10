import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/** What this library adds to the values that the specification knows for OTEL_TRACES_SAMPLER. */
export const READS_RATIO = 'parentbased_reads_traceidratio';
const STANDARD = [
  ...['always_on', 'always_off', 'traceidratio'],
  ...['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
];

const READING_METHODS = new Set<unknown>(['GET', 'HEAD', 'OPTIONS']);
// Standard methods of https://google.aip.dev/130, as buf lint and reviews keep them in the contracts.
// What the instrumentation of gRPC calls its spans: attributes come only after the decision.
const READING_RPC = /^grpc\..*\/(Get|BatchGet|List|Search|Watch|Check)(?![a-z])/;

/**
 * The sampler that OTEL_TRACES_SAMPLER names, where it is ours; undefined leaves it to the SDK.
 * `parentbased_reads_traceidratio` with `OTEL_TRACES_SAMPLER_ARG=0.1` makes traces of every tenth read and of everything
 * else. It is decided once, where a trace begins, and holds for all that follow: a trace is whole or not there. Throws an
 * error that names the variable which is wrong.
 */
export function readsSampler(env: NodeJS.ProcessEnv): Sampler | undefined {
  const name = env.OTEL_TRACES_SAMPLER?.trim();
  if (!name || STANDARD.includes(name)) return undefined;
  if (name !== READS_RATIO) {
    throw new Error(`OTEL_TRACES_SAMPLER is ${name}: write one of ${[...STANDARD, READS_RATIO].join(', ')}`);
  }
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || 'none');
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new Error(`OTEL_TRACES_SAMPLER_ARG must be the share of reads that are traced, from 0 to 1, e.g. 0.1`);
  }
  return new ParentBasedSampler({ root: new ReadsRatioSampler(ratio) });
}

class ReadsRatioSampler implements Sampler {
  private readonly reads: Sampler;
  private readonly others = new AlwaysOnSampler();

  constructor(private readonly ratio: number) {
    this.reads = new TraceIdRatioBasedSampler(ratio);
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const sampler = isRead(name, attributes) ? this.reads : this.others;
    return sampler.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `ReadsRatio{${this.ratio}}`;
  }
}

function isRead(name: string, attributes: Attributes): boolean {
  return READING_METHODS.has(attributes['http.request.method']) || READING_RPC.test(name);
}
