import { execFileSync } from 'node:child_process';

/** The program for shared buckets that this machine has, by its name; undefined where it has none. */
export function bucketServer(): string | undefined {
  return ['valkey-server', 'redis-server'].find((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
