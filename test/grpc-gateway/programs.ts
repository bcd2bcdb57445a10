import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { builtOnce } from '../bench/processes/built-once.js';
import { buildGo } from '../bench/processes/go-programs.js';
import { BUF, copyWithImports } from '../bench/shop/files.js';

const FOLDER = join(repositoryFolder(), 'test/grpc-gateway');
const PROTOS = join(FOLDER, 'proto');
const BENCH_GO = join(repositoryFolder(), 'test/bench/go');

/** The program of grpc-gateway over check.proto, built once into the cache. @throws MissingToolError without Go */
export function grpcGatewayProgram(): string {
  const folder = builtOnce('grpc-gateway-check', [join(FOLDER, 'go'), PROTOS, BENCH_GO], (into) =>
    buildGo(into, {
      sources: [join(FOLDER, 'go')],
      copyProtos: (to) => copyWithImports(PROTOS, to),
      generated: 'check',
      packages: ['./differential'],
    }),
  );
  return join(folder, 'programs/differential');
}

/** Compiles check.proto with its imports into a file. */
export function writeDescriptors(folder: string): string {
  const [protos, file] = [join(folder, 'protos'), join(folder, 'check.binpb')];
  copyWithImports(PROTOS, protos);
  execFileSync(BUF, ['build', protos, '--as-file-descriptor-set', '-o', file]);
  return file;
}
