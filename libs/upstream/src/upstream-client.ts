import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, Client, credentials, experimental } from '@grpc/grpc-js';
import { connectFramed } from './framed/connect.js';
import type { Balancing } from './http2/endpoints.js';
import { Http2Channel } from './http2/http2-channel.js';
import { NodeSession } from './http2/node-session.js';
import { UnaryClient } from './http2/unary-client.js';

/**
 * What carries calls: the channel that grpc-js has, or the one of this library, on node:http2 or on the framing of this library.
 */
export const CHANNELS = ['grpc-js', 'http2', 'framed'] as const;
export type ChannelKind = (typeof CHANNELS)[number];

/** PEM. Without `ca` the authorities that Node knows hold; `cert` and `key` prove the caller to the server. */
export interface ClientTls {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

export interface UpstreamOptions {
  readonly channel: ChannelKind;
  /** `scheme:path` of a registered resolver. */
  readonly target: string;
  /** `host:port` of which requests and certificates are: for a list of replicas, the first. */
  readonly authority: string;
  readonly tls?: ClientTls | undefined;
  readonly options: ChannelOptions;
  /** Of the http2 and framed channels. Default: least-loaded. */
  readonly balancing?: Balancing | undefined;
  /** Of the http2 and framed channels: connections to each endpoint that are kept. Default: 1. */
  readonly sessions?: number | undefined;
}

/**
 * grpc-js counts every status but OK against a server, a NOT_FOUND too. Hence only one whose calls have all failed for five
 * seconds, at least twenty, is put aside, and not more than about half of all.
 */
const EJECTING = {
  'grpc.service_config': JSON.stringify({
    loadBalancingConfig: [
      {
        outlier_detection: {
          interval: { seconds: 5, nanos: 0 },
          base_ejection_time: { seconds: 5, nanos: 0 },
          max_ejection_time: { seconds: 60, nanos: 0 },
          max_ejection_percent: 49,
          failure_percentage_ejection: { threshold: 99, minimum_hosts: 2, request_volume: 20 },
          child_policy: [{ round_robin: {} }],
        },
      },
    ],
  }),
} satisfies ChannelOptions;

/** A client of grpc-js on the channel that is chosen. Throws when certificates or keys are none. */
export function openUpstream(upstream: UpstreamOptions): Client {
  const { channel, target, tls, options } = upstream;
  const secured = credentialsOf(tls);
  if (channel === 'grpc-js') return new Client(target, secured, { ...options, ...EJECTING });
  return new UnaryClient(openHttp2(upstream), secured, options);
}

/** Throws when certificates or keys are none. */
export function credentialsOf(tls: ClientTls | undefined): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  return credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);
}

function openHttp2({ channel, target, authority, tls, options, balancing, sessions }: UpstreamOptions): Http2Channel {
  const serverName = experimental.splitHostPort(authority)?.host ?? authority;
  const secured = tls && { context: createSecureContext({ ca: tls.ca, cert: tls.cert, key: tls.key }), serverName };
  return new Http2Channel({
    ...{ target, options },
    peer: { authority, tls: secured },
    connect: channel === 'framed' ? connectFramed : (...parts) => new NodeSession(...parts),
    balancing: balancing ?? 'least-loaded',
    sessions: sessions ?? 1,
  });
}
