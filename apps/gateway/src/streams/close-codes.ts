/** Why a WebSocket is closed, by its code (RFC 6455, 7.4): docs/streams.md has them for clients. */
export const CLOSED = { normally: 1_000, goingAway: 1_001 } as const;

/** The code for a problem of this HTTP status. 4000 to 4999 are for applications: the status is in them. */
export function closeCodeOf(status: number): number {
  if (status === 415) return 1_003;
  if (status === 401 || status === 403) return 1_008;
  if (status === 413) return 1_009;
  if (status === 429 || status === 503) return 1_013;
  return status >= 500 ? 1_011 : 4_000 + status;
}
