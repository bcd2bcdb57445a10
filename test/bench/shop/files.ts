import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, type DescService, fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { repositoryFolder } from '#libs/embedded';
import { withRules } from './rules.js';
import { CASES, type ShopCase, WATCH } from './shop.js';
import type { Tokens } from './tokens.js';

/** Paths of what gateways and the service are given. */
export interface ShopFiles {
  /** Folder with shop.proto and what it imports. */
  readonly protos: string;
  readonly descriptors: string;
  /** The same, with rules of validation. */
  readonly ruledDescriptors: string;
  readonly fixtures: string;
  /** Key set of the tokens. */
  readonly keys: string;
}

/** Request and response of a method, as bytes in base64. */
export type Fixtures = Readonly<Record<string, { readonly request: string; readonly response: string }>>;

const FOLDER = join(repositoryFolder(), 'test/bench');
const IMPORTED = ['google/api/annotations.proto', 'google/api/http.proto'];

/** Copies shop.proto and its imports into a folder, for compilers. */
export function copyProtos(folder: string): void {
  copyWithImports(join(FOLDER, 'proto'), folder);
}

/** Copies protos with what google.api.http needs, for compilers. */
export function copyWithImports(protos: string, folder: string): void {
  cpSync(protos, folder, { recursive: true });
  mkdirSync(join(folder, 'google/api'), { recursive: true });
  for (const file of IMPORTED)
    cpSync(join(repositoryFolder(), 'node_modules/google-proto-files', file), join(folder, file));
}

export const BUF = join(repositoryFolder(), 'node_modules/.bin/buf');

/** Writes all files into a folder. */
export function writeShopFiles(folder: string, tokens: Tokens): ShopFiles {
  const file = (name: string) => join(folder, name);
  const files: ShopFiles = {
    protos: file('protos'),
    descriptors: file('shop.binpb'),
    ruledDescriptors: file('shop-with-rules.binpb'),
    fixtures: file('fixtures.json'),
    keys: file('keys.json'),
  };
  copyProtos(files.protos);
  execFileSync(BUF, ['build', files.protos, '--as-file-descriptor-set', '-o', files.descriptors]);
  const descriptors = readFileSync(files.descriptors);
  writeFileSync(files.ruledDescriptors, withRules(descriptors));
  writeFileSync(files.fixtures, JSON.stringify(fixtures(shopService(descriptors))));
  writeFileSync(files.keys, JSON.stringify(tokens.keys));
  return files;
}

/** @throws when the descriptors are not those of shop.proto */
export function shopService(descriptors: Uint8Array): DescService {
  const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors)).getService('bench.v1.Shop');
  if (!service) throw new Error('shop.proto has no bench.v1.Shop');
  return service;
}

function fixtures(service: DescService): Fixtures {
  const all: ShopCase[] = [...Object.values(CASES), WATCH];
  return Object.fromEntries(
    service.methods.map(({ name, input, output }) => {
      const known = all.find(({ rpc }) => rpc === name);
      if (!known) throw new Error(`nobody asks for ${name}`);
      const request = toBinary(input, fromJson(input, known.request));
      const response = toBinary(output, fromJson(output, known.response));
      return [
        name,
        { request: Buffer.from(request).toString('base64'), response: Buffer.from(response).toString('base64') },
      ];
    }),
  );
}
