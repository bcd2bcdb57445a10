const window = 60_000;
const limit = 5;

/**
 * How many milliseconds to wait before a restart: 0.2 s, doubled with each death of the last minute, at most 5 s.
 * Undefined = give up: it died five times within a minute. Times are milliseconds of one clock.
 */
export function restartDelay(deaths: readonly number[], now: number): number | undefined {
  const recent = deaths.filter((time) => now - time < window).length;
  if (recent >= limit) return undefined;
  return Math.min(200 * 2 ** Math.max(recent - 1, 0), 5000);
}
