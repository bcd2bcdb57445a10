import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from '#libs/embedded';
import { BUF, copyProtos } from '../shop/files.js';
import { builtOnce, step } from './built-once.js';

const BENCH = join(repositoryFolder(), 'test/bench');
const GENERATORS = [
  'google.golang.org/protobuf/cmd/protoc-gen-go',
  'google.golang.org/grpc/cmd/protoc-gen-go-grpc',
  'github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway',
];

/** Paths of the programs that are written in Go. */
export interface GoPrograms {
  readonly backend: string;
  readonly load: string;
  readonly gateway: string;
}

/** Builds them into the cache, once, with all packages by the hashes of go.sum. @throws MissingToolError without Go */
export function goPrograms(): GoPrograms {
  const folder = builtOnce('go', [join(BENCH, 'go'), join(BENCH, 'proto')], (into) =>
    buildGo(into, { sources: [], copyProtos, generated: 'bench', packages: ['./backend', './load', './gateway'] }),
  );
  const program = (name: string) => join(folder, 'programs', name);
  return { backend: program('backend'), load: program('load'), gateway: program('gateway') };
}

/** What to build with the modules of the benchmark's go.mod. */
export interface GoSources {
  /** Folders with packages besides those of the benchmark. */
  readonly sources: readonly string[];
  /** Copies protos and what they import into a folder. */
  readonly copyProtos: (folder: string) => void;
  /** The folder of protos that code is made of. */
  readonly generated: string;
  readonly packages: readonly string[];
}

/** Builds packages into `programs` of a folder, after the code of their protos. @throws MissingToolError without Go */
export function buildGo(folder: string, { sources, copyProtos, generated, packages }: GoSources): void {
  const module = join(folder, 'module');
  mkdirSync(join(folder, 'programs'), { recursive: true });
  for (const source of [join(BENCH, 'go'), ...sources]) cpSync(source, module, { recursive: true });
  copyProtos(join(folder, 'protos'));
  // Whatever modules a workspace around this repository has, go.mod is what holds.
  const env = { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=readonly -buildvcs=false' };
  const go = (...args: string[]) => step('go', ['build', '-o', '../programs/', ...args], { cwd: module, env });
  go(...GENERATORS);
  step(BUF, ['generate', '../protos', '--path', `../protos/${generated}`], { cwd: module });
  go(...packages);
}
