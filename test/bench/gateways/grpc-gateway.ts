import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { goPrograms } from '../processes/go-programs.js';
import type { Gateway } from './gateway.js';

const MODULES = readFileSync(join(repositoryFolder(), 'test/bench/go/go.mod'), 'utf8');
const versionOf = (module: string) => new RegExp(`^\\t${module} (v\\S+)`, 'm').exec(MODULES)?.[1] ?? 'unknown';

function grpcGateway(guarded: boolean): Gateway {
  const grpc = versionOf('google.golang.org/grpc');
  return {
    id: guarded ? 'grpc-gateway-protected' : 'grpc-gateway',
    name: guarded ? 'grpc-gateway, protected' : 'grpc-gateway',
    family: 'grpc-gateway',
    guarded,
    version: `grpc-gateway ${versionOf('github.com/grpc-ecosystem/grpc-gateway/v2')} with grpc-go ${grpc}`,
    prepare: () => void goPrograms(),
    programAt: ({ port, backendPort, secret }) => ({
      program: goPrograms().gateway,
      args: [
        '-listen',
        `127.0.0.1:${port}`,
        '-backend',
        `127.0.0.1:${backendPort}`,
        ...(guarded ? ['-protected'] : []),
      ],
      env: { BENCH_SECRET: secret },
    }),
  };
}

export const GRPC_GATEWAYS: readonly Gateway[] = [grpcGateway(false), grpcGateway(true)];
