import type { Span } from './span-collector.js';

/** The JSON of Jaeger's query API, https://www.jaegertracing.io/docs/latest/architecture/apis/#internal-http-json */
interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string; readonly traceID: string }[];
  readonly processID: string;
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}

interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

const KINDS: Readonly<Record<string, NonNullable<Span['kind']>>> = {
  server: 'SERVER',
  client: 'CLIENT',
  producer: 'PRODUCER',
  consumer: 'CONSUMER',
};

/** Reads traces back as a person finds them: by a tag of a span. */
export class Jaeger {
  constructor(private readonly url: string) {}

  /** Traces in which a span of this service carries all of the tags, e.g. `{ 'order.id': … }`; each as its spans. */
  async find(service: string, tags: Readonly<Record<string, string>>): Promise<Span[][]> {
    const query = new URLSearchParams({ service, tags: JSON.stringify(tags), lookback: '1h', limit: '20' });
    return this.read(`?${query}`);
  }

  /** The spans of a trace; none while Jaeger does not have it. */
  async trace(traceId: string): Promise<Span[]> {
    const [spans = []] = await this.read(`/${traceId}`);
    return spans;
  }

  private async read(place: string): Promise<Span[][]> {
    const answer = await fetch(`${this.url}/api/traces${place}`, { signal: AbortSignal.timeout(10_000) });
    if (answer.status === 404) return [];
    if (!answer.ok) throw new Error(`Jaeger answered ${answer.status}: ${await answer.text()}`);
    const { data } = (await answer.json()) as { data: readonly JaegerTrace[] | null };
    return (data ?? []).map(spansOf);
  }
}

function spansOf({ spans, processes }: JaegerTrace): Span[] {
  return spans.map((span) => {
    const tags = Object.fromEntries(span.tags.map(({ key, value }) => [key, String(value)]));
    const parentId = span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;
    const kind = KINDS[tags['span.kind'] ?? ''];
    return {
      traceId: span.traceID,
      id: span.spanID,
      name: span.operationName,
      localEndpoint: { serviceName: processes[span.processID]?.serviceName ?? '' },
      tags,
      ...(parentId === undefined ? {} : { parentId }),
      ...(kind === undefined ? {} : { kind }),
    };
  });
}
