import { type BoundHistogram, boundHistogram, type HistogramSeries } from './bound-instruments.js';

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const durations = {
  server: boundHistogram('rpc', 'rpc.server.call.duration', options('Duration of incoming gRPC calls')),
  client: boundHistogram('rpc', 'rpc.client.call.duration', options('Duration of outgoing gRPC calls')),
};

/**
 * How long gRPC calls take, as the histogram `rpc.server.call.duration` or `rpc.client.call.duration` of
 * https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/.
 */
export class RpcDuration {
  private readonly duration: BoundHistogram;
  /** By path, and then by status; a process knows few of both. */
  private readonly series = new Map<string, HistogramSeries[]>();

  constructor(side: 'server' | 'client') {
    this.duration = durations[side];
  }

  /** A call of `/package.Service/Method` that began at `startedAt` (performance.now()) ended with a gRPC status. */
  record(path: string, status: number, startedAt: number): void {
    const series = this.series.get(path)?.[status] ?? this.seriesOf(path, status);
    series.record((performance.now() - startedAt) / 1000);
  }

  private seriesOf(path: string, status: number): HistogramSeries {
    const [, service = '', method = ''] = path.split('/');
    const series = this.duration.of({
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
      'rpc.grpc.status_code': status,
    });
    const byStatus = this.series.get(path) ?? [];
    byStatus[status] = series;
    this.series.set(path, byStatus);
    return series;
  }
}

function options(description: string) {
  return { description, unit: 's', boundaries: BUCKETS };
}
