import { type ChannelOptions, experimental } from '@grpc/grpc-js';
import { endpointsIn } from './endpoints.js';

/**
 * gRPC's round robin asks a name again only when a connection breaks, and would never learn of a replica that came. DNS
 * servers are asked this often by each channel.
 */
const LOOK_UP_EVERY_MS = 5_000;

type Listener = experimental.ResolverListener;
type Answer = Parameters<Listener>[0];
type Endpoint = Extract<Answer, { ok: true }>['value'][number];

/** All that several names lead to, as one: each is resolved by the scheme `inner`, again and again. */
class EndpointList implements experimental.Resolver {
  private readonly parts: experimental.Resolver[];
  private readonly answers: (Answer | undefined)[];
  private readonly timer: NodeJS.Timeout;
  private told: string | undefined;

  constructor(
    { target, options, inner }: { target: experimental.GrpcUri; options: ChannelOptions; inner: string },
    private readonly listener: Listener,
  ) {
    const paths = endpointsIn(target.path);
    this.answers = paths.map(() => undefined);
    this.parts = paths.map((path, index) =>
      experimental.createResolver({ scheme: inner, path }, (answer) => this.take(index, answer), options),
    );
    this.timer = setInterval(() => this.updateResolution(), LOOK_UP_EVERY_MS).unref();
  }

  updateResolution(): void {
    for (const part of this.parts) part.updateResolution();
  }

  destroy(): void {
    clearInterval(this.timer);
    for (const part of this.parts) part.destroy();
    this.told = undefined;
  }

  private take(index: number, answer: Answer): boolean {
    // A name that cannot be resolved for a while leaves what it led to before.
    if (answer.ok || !this.answers[index]?.ok) this.answers[index] = answer;
    const answers = this.answers.filter((one) => one !== undefined);
    if (answers.length < this.parts.length) return true;
    const endpoints = answers.flatMap((one) => (one.ok ? one.value : []));
    const failure = answers.find((one) => !one.ok);
    if (endpoints.length === 0 && failure) return this.tell(failure, 'failed');
    const now = endpoints.map(textOf).sort().join();
    // Told the same list again, the balancer would begin anew with all of them.
    return now === this.told || this.tell(experimental.statusOrFromValue(endpoints), now);
  }

  private tell(answer: Answer, what: string): boolean {
    this.told = answer.ok ? what : undefined;
    return this.listener(answer, {}, null, '');
  }
}

const textOf = ({ addresses }: Endpoint): string => JSON.stringify(addresses);

/**
 * Registers a scheme for channels whose target is a list, `scheme:host:port,host:port`, each part of which is resolved as
 * `inner:host:port`. TLS expects the name of the first.
 */
export function listEndpoints(scheme: string, inner: string): void {
  class Resolver extends EndpointList {
    constructor(target: experimental.GrpcUri, listener: Listener, options: ChannelOptions) {
      super({ target, options, inner }, listener);
    }

    static getDefaultAuthority({ path }: experimental.GrpcUri): string {
      return endpointsIn(path)[0] ?? path;
    }
  }
  experimental.registerResolver(scheme, Resolver);
}
