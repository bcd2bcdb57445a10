import { type Client, experimental, type ServiceError, status } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS, listEndpoints } from '#libs/calls';
import { CHANNELS, type ChannelKind, openUpstream, type UpstreamOptions } from '../src/index.js';

listEndpoints('upstream-test', 'dns');

/** For `describe.each`: what is promised of a channel is promised of each. */
export const ALL: readonly ChannelKind[] = CHANNELS;

const open: Client[] = [];

/** A client to `host:port`, or to a list of such, closed after the test. */
export function openClient(channel: ChannelKind, addresses: string, more: Partial<UpstreamOptions> = {}): Client {
  const [authority = ''] = addresses.split(',');
  const upstream = { channel, target: `upstream-test:${addresses}`, authority };
  const client = openUpstream({ ...upstream, ...more, options: { ...CHANNEL_OPTIONS, ...more.options } });
  open.push(client);
  return client;
}

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

export const codeOf = (error: unknown): status => asServiceError(error).code;

export function asServiceError(error: unknown): ServiceError {
  if (error instanceof Error && 'code' in error && 'details' in error) return error as ServiceError;
  throw new Error('not an error of a call', { cause: error });
}

/** The name of a code, which a failing test can show. */
export const nameOf = (error: unknown): string => status[codeOf(error)] ?? `code ${codeOf(error)}`;

let names = 0;

/** A name whose addresses are what `ports` says at each look-up. */
export function nameOfPorts(ports: () => readonly number[]): string {
  const scheme = `ports-${++names}`;
  class Resolver implements experimental.Resolver {
    constructor(
      _target: experimental.GrpcUri,
      private readonly listener: experimental.ResolverListener,
    ) {}

    updateResolution(): void {
      const endpoints = ports().map((port) => ({ addresses: [{ host: '127.0.0.1', port }] }));
      setImmediate(() => this.listener(experimental.statusOrFromValue(endpoints), {}, null, ''));
    }

    destroy(): void {}
    static getDefaultAuthority = () => 'test';
  }
  experimental.registerResolver(scheme, Resolver);
  listEndpoints(`${scheme}-list`, scheme);
  return `${scheme}-list:name:1`;
}
