import { status } from '@grpc/grpc-js';
import { meter, RpcDuration } from '#libs/telemetry';

const duration = new RpcDuration('client');
const retries = meter('rpc').createCounter('rpc.client.retries', { description: 'Calls that were sent once more' });

/** One outgoing call, with all of its attempts. A stream that its reader leaves counts as cancelled. */
export class CallMetrics {
  private readonly startedAt = performance.now();
  private ended: number = status.CANCELLED;

  constructor(
    /** `/package.Service/Method` */
    private readonly path: string,
  ) {}

  retried(): void {
    const [, service = '', method = ''] = this.path.split('/');
    retries.add(1, { 'rpc.service': service, 'rpc.method': method });
  }

  succeeded(): void {
    this.ended = status.OK;
  }

  failed(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN;
    this.ended = code in status ? code : status.UNKNOWN;
  }

  /** Whatever became of it. */
  record(): void {
    duration.record(this.path, this.ended, this.startedAt);
  }
}
