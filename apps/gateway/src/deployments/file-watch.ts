import { stat } from 'node:fs/promises';

/**
 * Tells when one of some files has changed, and once at the beginning, for a change since they were read; by looking at them: that also works for files that are replaced (a rename, the
 * links of a Kubernetes ConfigMap) and for folders that are mounted into a container, where the kernel tells nothing.
 */
export class FileWatch {
  private readonly timer: NodeJS.Timeout;
  private settled: string | undefined;
  private seen = '';

  constructor(
    private readonly files: () => readonly string[],
    private readonly changed: () => void,
    intervalMs = 500,
  ) {
    this.timer = setInterval(() => void this.look(), intervalMs).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** A change counts once two looks have seen the same: a file that is being written is left alone. */
  private async look(): Promise<void> {
    const states = await Promise.all(this.files().map(stateOf));
    const state = states.join('\n');
    const isStill = state === this.seen;
    this.seen = state;
    if (!isStill || state === this.settled) return;
    this.settled = state;
    this.changed();
  }
}

async function stateOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${file} ${ino} ${size} ${mtimeMs}`;
  } catch {
    return `${file} is not there`;
  }
}
