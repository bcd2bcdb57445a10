import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '#libs/service';
import { gatewayEnvironment } from '../src/environment.js';
import { type RunningGateway, startGateway } from '../src/start-gateway.js';

/** A gateway for TestLibrary: no database, nothing of the store. */
export class LibraryGateway {
  readonly lines: Record<string, unknown>[] = [];
  private gateway: RunningGateway | undefined;

  constructor(private readonly folder: string) {}

  get running(): RunningGateway {
    if (!this.gateway) throw new Error('the gateway is not running');
    return this.gateway;
  }

  async start(yaml: string): Promise<this> {
    this.write(yaml);
    const destination = { write: (line: string) => this.lines.push(JSON.parse(line)) };
    const log = await createLogger({ name: 'gateway', level: 'info', format: 'json', destination });
    const file = join(this.folder, 'gateway.yaml');
    const env = { GATEWAY_CONFIG: file, HTTP_LISTEN: '127.0.0.1:0', OPS_LISTEN: '127.0.0.1:0' };
    this.gateway = await startGateway(gatewayEnvironment.parse(env), {}, log);
    return this;
  }

  /** Replaces the file at once, as editors and deployment tools do. */
  write(yaml: string): void {
    const file = join(this.folder, 'gateway.yaml');
    writeFileSync(`${file}.new`, yaml);
    renameSync(`${file}.new`, file);
  }

  /** Writes the file and has it read. */
  reload(yaml: string): Promise<boolean> {
    this.write(yaml);
    return this.running.reload('test');
  }

  fetch(path: string, token?: string): Promise<Response> {
    return fetch(this.running.url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  }

  async ready(): Promise<{ status: string; checks: Record<string, string>; notes?: Record<string, string> }> {
    return (await (await fetch(`${this.running.opsUrl}/readyz`)).json()) as never;
  }

  async close(): Promise<void> {
    await this.gateway?.stop();
  }
}
