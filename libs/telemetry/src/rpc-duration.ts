import type { Attributes, Histogram } from '@opentelemetry/api';
import { meter } from './spans.js';

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * How long gRPC calls take, as the histogram `rpc.server.call.duration` or `rpc.client.call.duration` of
 * https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/.
 */
export class RpcDuration {
  private readonly duration: Histogram;
  /** By path, and then by status; a process knows few of both. */
  private readonly attributes = new Map<string, Attributes[]>();

  constructor(side: 'server' | 'client') {
    this.duration = meter('rpc').createHistogram(`rpc.${side}.call.duration`, {
      unit: 's',
      description: side === 'server' ? 'Duration of incoming gRPC calls' : 'Duration of outgoing gRPC calls',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
  }

  /** A call of `/package.Service/Method` that began at `startedAt` (performance.now()) ended with a gRPC status. */
  record(path: string, status: number, startedAt: number): void {
    const seconds = (performance.now() - startedAt) / 1000;
    this.duration.record(seconds, this.attributes.get(path)?.[status] ?? this.attributesOf(path, status));
  }

  private attributesOf(path: string, status: number): Attributes {
    const [, service = '', method = ''] = path.split('/');
    const attributes = {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
      'rpc.grpc.status_code': status,
    };
    const byStatus = this.attributes.get(path) ?? [];
    byStatus[status] = attributes;
    this.attributes.set(path, byStatus);
    return attributes;
  }
}
