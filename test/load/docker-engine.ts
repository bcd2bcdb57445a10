import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { docker } from '../compose/composed-store.js';

const stats = z.object({ cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }) });

/**
 * The CPU time that a container has used since it began, in milliseconds, as the engine counts it for its control group: with
 * every process in it. `docker stats` tells a share of the last second alone.
 */
export class ContainerCpu {
  /** @throws where the engine is not on this machine: its socket is asked */
  static async connect(): Promise<ContainerCpu> {
    const { stdout, stderr } = await docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
    const [, socketPath] = /^(?:unix|npipe):\/\/(.+)$/.exec(stdout.trim()) ?? [];
    if (!socketPath) throw new Error(`the engine at "${stdout.trim()}" has no socket on this machine ${stderr}`.trim());
    return new ContainerCpu(socketPath);
  }

  private constructor(private readonly socketPath: string) {}

  async milliseconds(id: string): Promise<number> {
    const answer = await this.get(`/containers/${id}/stats?stream=false&one-shot=true`);
    return stats.parse(JSON.parse(answer)).cpu_stats.cpu_usage.total_usage / 1e6;
  }

  private async get(path: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const call = request({ socketPath: this.socketPath, path, host: 'docker', timeout: 10_000 }, (answer) => {
      text(answer).then(
        (body) => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`the engine at ${path}: ${body}`))),
        reject,
      );
    });
    call.on('error', reject).on('timeout', () => call.destroy(new Error(`the engine does not answer ${path}`)));
    call.end();
    return promise;
  }
}
