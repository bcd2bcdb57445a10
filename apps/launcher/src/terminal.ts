const started = performance.now();

/** One line for the person who started the store, with the seconds since then. */
export function say(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  for (const part of line.split('\n')) process.stdout.write(`${seconds} s  ${part}\n`);
}

// A closed terminal or pipe is no reason to end the store.
process.stdout.on('error', () => {});
