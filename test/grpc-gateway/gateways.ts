import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { freePort, repositoryFolder } from '#libs/embedded';
import { type Program, StartedProcess } from '../bench/processes/started-process.js';
import type { CheckRequest } from './requests.js';

/** What a gateway answered. */
export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A gateway in a process of its own. */
export class RunningGateway {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private readonly started: StartedProcess;
  private readonly port: number;

  private constructor(started: StartedProcess, port: number) {
    this.started = started;
    this.port = port;
  }

  static async start(name: string, folder: string, programAt: (port: number) => Program): Promise<RunningGateway> {
    const port = await freePort();
    const start = { name, cores: undefined, logFile: join(folder, `${name}.log`), port };
    return new RunningGateway(await StartedProcess.start(programAt(port), start), port);
  }

  ask({ method, target, headers, body }: CheckRequest): Promise<Answered> {
    const { agent, port } = this;
    const length = body === undefined ? undefined : { 'content-length': Buffer.byteLength(body) };
    const options = { agent, port, host: '127.0.0.1', method, path: target, headers: { ...headers, ...length } };
    return new Promise((resolve, reject) => {
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, contentType: answered['content-type'] ?? '', body: Buffer.concat(chunks).toString() });
        });
      });
      asked.on('error', (error) => reject(new Error(`${method} ${target}: ${error.message}`, { cause: error })));
      asked.end(body);
    });
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.started.stop();
  }
}

/** grpc-gateway, as it was built. */
export function theirs(program: string, backendPort: number): (port: number) => Program {
  return (port) => ({ program, args: ['-listen', `127.0.0.1:${port}`, '-backend', `127.0.0.1:${backendPort}`] });
}

/** The built gateway of this repository, with the API in the grpc-gateway dialect. */
export function ours(folder: string, descriptors: string, backendPort: number): (port: number) => Program {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, configuration(descriptors, backendPort));
  return (port) => ({
    program: process.execPath,
    args: [join(repositoryFolder(), 'dist/apps/gateway/src/main.js')],
    env: { GATEWAY_CONFIG: file, HTTP_LISTEN: `127.0.0.1:${port}`, OPS_LISTEN: '127.0.0.1:0', LOG_LEVEL: 'warn' },
    cwd: repositoryFolder(),
  });
}

const configuration = (descriptors: string, backendPort: number) => `
apis:
  - name: check
    dialect: grpc-gateway
    descriptors: ${JSON.stringify(descriptors)}
    upstreams:
      check.v1.Check: { address: "127.0.0.1:${backendPort}", credentials: none }
    defaultPolicy: { public: true }
    allowPublicDefault: true
outgoing: { allow: [127.0.0.1], allowLocal: true }
`;
