import type { ChannelOptions } from '@grpc/grpc-js';

/** What a channel on node:http2 is set by: the same names of options, with the same meaning, as grpc-js has. */
export interface ChannelSettings {
  /** Bytes; -1 for no limit. */
  readonly maxReceive: number;
  /** Bytes; -1 for no limit. */
  readonly maxSend: number;
  /** A connection that has brought nothing for so long is asked; 0 for never. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly userAgent: string;
}

// The defaults are those of grpc-js.
const FOUR_MIB = 4 * 1024 * 1024;

export function settingsOf(options: ChannelOptions): ChannelSettings {
  return {
    maxReceive: options['grpc.max_receive_message_length'] ?? FOUR_MIB,
    maxSend: options['grpc.max_send_message_length'] ?? -1,
    keepaliveMs: Math.max(0, options['grpc.keepalive_time_ms'] ?? 0),
    keepaliveTimeoutMs: options['grpc.keepalive_timeout_ms'] ?? 20_000,
    firstPauseMs: options['grpc.initial_reconnect_backoff_ms'] ?? 1_000,
    longestPauseMs: options['grpc.max_reconnect_backoff_ms'] ?? 120_000,
    userAgent: options['grpc.primary_user_agent'] ?? 'ineedthatfast-grpc/1',
  };
}
