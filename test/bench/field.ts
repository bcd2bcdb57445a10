import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, repositoryFolder } from '#libs/embedded';
import type { Gateway, Place } from './gateways/gateway.js';
import type { LoadJob } from './load/load-job.js';
import type { LoadProgram } from './load/start-load.js';
import type { Cores } from './processes/cores.js';
import { type GoPrograms, goPrograms } from './processes/go-programs.js';
import { MissingToolError } from './processes/missing-tool.js';
import { SpanSink } from './processes/span-sink.js';
import { type Program, StartedProcess } from './processes/started-process.js';
import { type ShopFiles, writeShopFiles } from './shop/files.js';
import { httpRequest } from './shop/http-request.js';
import { type ShopCase, withTimestampMessages } from './shop/shop.js';
import { makeTokens, type Tokens } from './shop/tokens.js';

/** A gateway that runs. */
export interface RunningGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly process: StartedProcess;
}

export interface FieldOptions {
  /** Load and service in Go, where there is Go. */
  readonly withGo: boolean;
  /** Undefined: nothing is pinned. */
  readonly cores?: Cores | undefined;
}

interface Parts {
  readonly folder: string;
  readonly files: ShopFiles;
  readonly tokens: Tokens;
  readonly cores: Cores | undefined;
  readonly programs: GoPrograms | undefined;
  readonly spans: SpanSink;
  readonly backendPort: number;
}

/** What all gateways have in common in a run: the service behind them, the load before them, tokens, a folder. */
export class Field {
  private readonly parts: Parts;
  private readonly started: StartedProcess[] = [];

  /** @throws when the service behind the gateways cannot be started */
  static async prepare({ withGo, cores }: FieldOptions): Promise<Field> {
    const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-bench-'));
    const tokens = await makeTokens();
    const files = writeShopFiles(folder, tokens);
    const programs = withGo ? programsOrReason() : undefined;
    const parts = {
      folder,
      files,
      tokens,
      cores,
      programs,
      spans: await SpanSink.start(),
      backendPort: await freePort(),
    };
    const field = new Field(parts);
    await field.startBackend();
    return field;
  }

  private constructor(parts: Parts) {
    this.parts = parts;
  }

  /** What makes the load and answers the calls, and where. */
  get description(): string {
    const { programs, cores } = this.parts;
    const language = programs ? 'Go' : 'Node';
    const place = cores
      ? `gateway on core ${cores.gateway}, load and service on core ${cores.others}`
      : 'nothing pinned to a core';
    return `load and service in ${language}; ${place}`;
  }

  get tokens(): Tokens {
    return this.parts.tokens;
  }

  get spanBytes(): number {
    return this.parts.spans.bytes;
  }

  get loadProgram(): LoadProgram {
    const { programs, cores } = this.parts;
    const program = programs ? { program: programs.load, args: [] } : typescript('load/node-load.ts');
    return { ...program, cores: cores?.others };
  }

  /** Starts a gateway that is prepared; `change` may alter how. @throws when it does not listen */
  async start(gateway: Gateway, change: (program: Program) => Program = (program) => program): Promise<RunningGateway> {
    const place = await this.placeOf(gateway);
    const start = {
      name: gateway.name,
      cores: this.parts.cores?.gateway,
      logFile: join(place.folder, 'log'),
      port: place.port,
    };
    const started = await StartedProcess.start(change(gateway.programAt(place)), start);
    this.started.push(started);
    return { gateway, port: place.port, process: started };
  }

  /** What a load needs to know of a request, but for its mode and size. */
  jobFor(
    { gateway, port }: RunningGateway,
    shopCase: ShopCase,
  ): Pick<LoadJob, 'address' | 'request' | 'status' | 'answers'> {
    const { tokens } = this.parts;
    const token = gateway.family === 'ours' ? tokens.ours : tokens.others;
    const address = `127.0.0.1:${port}`;
    const { response } = shopCase;
    return {
      address,
      request: httpRequest(shopCase, address, gateway.guarded ? token : undefined).toString('base64'),
      status: 200,
      answers: gateway.family === 'nest' ? [response, withTimestampMessages(response)] : [response],
    };
  }

  /** Ends all that was started, and removes what was written. */
  async clear(): Promise<void> {
    await Promise.all(this.started.map((started) => started.stop()));
    this.parts.spans.close();
    rmSync(this.parts.folder, { recursive: true });
  }

  private async placeOf({ id }: Gateway): Promise<Place> {
    // One for each start: a gateway may be started again.
    const folder = mkdtempSync(join(this.parts.folder, `${id}-`));
    const { files, tokens, backendPort, spans } = this.parts;
    const [port, opsPort] = [await freePort(), await freePort()];
    return { port, opsPort, backendPort, files, folder, secret: tokens.secret, spansUrl: spans.url };
  }

  private async startBackend(): Promise<void> {
    const { programs, files, backendPort, cores, folder } = this.parts;
    const program = programs
      ? { program: programs.backend, args: ['-listen', `127.0.0.1:${backendPort}`, '-fixtures', files.fixtures] }
      : typescript('backend/node-backend.ts', String(backendPort), files.descriptors, files.fixtures);
    const start = {
      name: 'the service',
      cores: cores?.others,
      logFile: join(folder, 'service.log'),
      port: backendPort,
    };
    this.started.push(await StartedProcess.start(program, start));
  }
}

/** A program of this folder as Node runs it. */
function typescript(file: string, ...args: string[]): Program {
  const hooks = ['--import', './test/typescript.mjs', '--disable-warning=ExperimentalWarning'];
  return { program: process.execPath, args: [...hooks, `test/bench/${file}`, ...args], cwd: repositoryFolder() };
}

function programsOrReason(): GoPrograms | undefined {
  try {
    return goPrograms();
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    console.error(`Load and service run on Node: ${error.message}`);
    return undefined;
  }
}
