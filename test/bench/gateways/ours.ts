import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { revision } from '../figures/machine.js';
import type { Program } from '../processes/started-process.js';
import type { Gateway, Place } from './gateway.js';

const MAIN = join(repositoryFolder(), 'dist/apps/gateway/src/main.js');
const TELEMETRY = join(repositoryFolder(), 'dist/libs/telemetry/src/register-gateway.js');

/** Our gateway by one of the configurations of ours/, in a process of its own. */
function ours(
  id: string,
  contender: Pick<Gateway, 'name' | 'guarded' | 'recorded'>,
  programAt: Gateway['programAt'],
): Gateway {
  return {
    id,
    family: 'ours',
    ...contender,
    version: `${revision()} on Node ${process.version}`,
    prepare: () => undefined,
    programAt,
  };
}

export const OURS: readonly Gateway[] = [
  ours('ours', { name: 'ours', guarded: false }, (place) => ({
    program: process.execPath,
    args: [MAIN],
    env: { ...environmentAt(place, 'bare.yaml'), BENCH_DESCRIPTORS: place.files.descriptors, LOG_LEVEL: 'warn' },
    cwd: repositoryFolder(),
  })),
  ours('ours-protected', { name: 'ours, protected', guarded: true, recorded: true }, (place) => ({
    program: process.execPath,
    args: ['--import', TELEMETRY, MAIN],
    env: {
      ...environmentAt(place, 'protected.yaml'),
      BENCH_DESCRIPTORS: place.files.ruledDescriptors,
      BENCH_KEYS: place.files.keys,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: place.spansUrl,
    },
    cwd: repositoryFolder(),
  })),
];

function environmentAt({ port, opsPort, backendPort }: Place, configuration: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    GATEWAY_CONFIG: join(repositoryFolder(), 'test/bench/gateways/ours', configuration),
    HTTP_LISTEN: `127.0.0.1:${port}`,
    OPS_LISTEN: `127.0.0.1:${opsPort}`,
    BENCH_BACKEND: `127.0.0.1:${backendPort}`,
  };
}

/** The same program with arguments for Node before its own. */
export function withNodeArguments(program: Program, ...args: string[]): Program {
  return { ...program, args: [...args, ...program.args] };
}
