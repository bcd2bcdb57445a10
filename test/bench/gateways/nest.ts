import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { builtOnce, step } from '../processes/built-once.js';
import type { Gateway } from './gateway.js';

const SOURCES = join(repositoryFolder(), 'test/bench/gateways/nest');
const { dependencies } = JSON.parse(readFileSync(join(SOURCES, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

function nest(guarded: boolean): Gateway {
  return {
    id: guarded ? 'nest-protected' : 'nest',
    name: guarded ? 'Nest on fastify, protected' : 'Nest on fastify',
    family: 'nest',
    guarded,
    version: `Nest ${dependencies['@nestjs/core']} on fastify ${dependencies.fastify}, Node ${process.version}`,
    prepare: () => void installed(),
    programAt: ({ port, backendPort, files, secret }) => ({
      program: process.execPath,
      args: [join(installed(), 'dist/main.js')],
      env: {
        NODE_ENV: 'production',
        BENCH_PORT: String(port),
        BENCH_BACKEND: `127.0.0.1:${backendPort}`,
        BENCH_PROTOS: files.protos,
        BENCH_PROTECTED: String(guarded),
        BENCH_SECRET: secret,
      },
    }),
  };
}

/** The folder below the cache with its packages, by the hashes of its lock, and its compiled sources. */
function installed(): string {
  return builtOnce('nest', [SOURCES], (folder) => {
    cpSync(SOURCES, folder, { recursive: true });
    step('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
    });
    step(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: folder });
  });
}

export const NEST_GATEWAYS: readonly Gateway[] = [nest(false), nest(true)];
