import type { Counter } from '@opentelemetry/api';
import type { Log, Readiness } from '#libs/service';
import { meter } from '#libs/telemetry';
import { ConfigRefused } from '../config/config-problem.js';
import { filesOf, type GatewayConfig } from '../gateway-config.js';
import type { Deployment } from './deployment.js';
import type { Deployments } from './deployments.js';
import { FileWatch } from './file-watch.js';

export interface ReloadOptions {
  readonly deployments: Deployments;
  /** Path of the configuration. */
  readonly file: string;
  /** Reads everything again. Throws ConfigRefused. */
  readonly load: () => Promise<Deployment>;
  /** Called with each deployment that is served from now on. */
  readonly served: (deployment: Deployment) => void;
  readonly log: Log;
  readonly readiness: Readiness;
}

/**
 * Puts new configurations to work while the gateway runs: when a file changes, at the interval of reflection, and when
 * asked. What is refused changes nothing; it is told in the log, in /readyz and as a metric until a good one comes.
 */
export class Reloads {
  private readonly watch: FileWatch;
  private readonly counter: Counter;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private refusal: string | undefined;
  private closed = false;

  constructor(private readonly options: ReloadOptions) {
    const { deployments, file } = options;
    const files = () => [file, ...filesOf(deployments.current.config).map((named) => named.file)];
    this.watch = new FileWatch(files, () => void this.reload('a file has changed'));
    this.counter = meter('gateway').createCounter('gateway.configuration.reloads', {
      description: 'Configurations that were read while the gateway ran, by outcome: served or refused.',
    });
    meter('gateway')
      .createObservableGauge('gateway.configuration.refused', {
        description: '1 while the newest configuration is refused and an older one is served.',
      })
      .addCallback((gauge) => gauge.observe(this.refusal === undefined ? 0 : 1));
    this.askAgain();
  }

  /** Reads everything again and serves it; resolves with whether it was accepted. One reading follows another. */
  reload(reason: string): Promise<boolean> {
    const reload = this.running.then(() => this.once(reason));
    this.running = reload;
    return reload;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.watch.close();
    clearTimeout(this.timer);
    await this.running;
  }

  private async once(reason: string): Promise<boolean> {
    if (this.closed) return false;
    try {
      this.serve(await this.options.load(), reason);
      return true;
    } catch (error) {
      this.refuse(error, reason);
      return false;
    } finally {
      this.askAgain();
    }
  }

  private serve(next: Deployment, reason: string): void {
    const { deployments, log, readiness } = this.options;
    const hadRefusal = this.refusal !== undefined;
    this.refusal = undefined;
    readiness.note('configuration', undefined);
    if (next.fingerprint === deployments.current.fingerprint) {
      if (hadRefusal) log.info({ reason }, 'configuration is as it was before the refused one');
      return;
    }
    const before = deployments.channels.addresses;
    this.options.served(next);
    deployments.replace(next).then(() => {
      const closed = before.filter((address) => !deployments.channels.addresses.includes(address));
      log.info({ closed }, 'the last request under the old configuration has ended');
    });
    this.counter.add(1, { outcome: 'served' });
    log.info({ reason, operations: next.operations.all.length }, 'configuration replaced');
  }

  private refuse(error: unknown, reason: string): void {
    const { log, readiness } = this.options;
    const refusal = error instanceof ConfigRefused ? error.message : `could not be read: ${error}`;
    const text = `refused, the one before is served: ${refusal}`;
    readiness.note('configuration', text);
    this.counter.add(1, { outcome: 'refused' });
    // The interval of reflection would repeat it for ever.
    if (refusal !== this.refusal)
      log.error({ reason, problems: linesOf(error) }, 'configuration refused: the one before stays');
    this.refusal = refusal;
  }

  private askAgain(): void {
    clearTimeout(this.timer);
    const seconds = intervalOf(this.options.deployments.current.config);
    if (seconds === undefined || this.closed) return;
    this.timer = setTimeout(() => void this.reload('reflection'), seconds * 1000).unref();
  }
}

const linesOf = (error: unknown): readonly string[] => (error instanceof ConfigRefused ? error.lines : [String(error)]);

/** The shortest interval of any API that is read by reflection. */
function intervalOf({ apis }: GatewayConfig): number | undefined {
  const intervals = apis.flatMap(({ reflection }) => reflection?.everySeconds ?? []);
  return intervals.length > 0 ? Math.min(...intervals) : undefined;
}
