/** Told what a long step is doing, in one line without a line break. */
export type Progress = (line: string) => void;

export const silent: Progress = () => {};

/** Runs a long step and tells when it began and how long it took. */
export async function timed<T>(progress: Progress, what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  progress(`${what}…`);
  const result = await work();
  progress(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
