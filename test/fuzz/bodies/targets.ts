import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { createCodec, type HttpInput, loadRegistry, type MethodCodec, type Route, routesOf } from '#libs/transcoding';
import type { Random } from '../random.js';
import { DESCRIPTORS } from '../requests.js';

/** A route whose body is read by compiled code and by reflection. */
export interface BodyTarget {
  readonly name: string;
  readonly route: Route;
  readonly registry: FileRegistry;
  readonly compiled: MethodCodec;
  readonly reflected: MethodCodec;
}

/** Every route with a body: those of the store, and those of messages that have fields of every kind. */
export function bodyTargets(): BodyTarget[] {
  return [loadRegistry(readFileSync(DESCRIPTORS), DESCRIPTORS), compileToy()].flatMap((registry) => {
    const rpcs = [...registry].flatMap((type) => (type.kind === 'service' ? type.methods : []));
    return rpcs.flatMap((rpc) => routesOf(rpc)).flatMap((route) => targetOf(route, registry));
  });
}

/** Compiles toy.proto, whose messages have fields of every kind: buf build. */
function compileToy(): FileRegistry {
  const folder = mkdtempSync(join(tmpdir(), 'toy-'));
  try {
    for (const name of ['google/api/annotations.proto', 'google/api/http.proto']) {
      cpSync(join('node_modules/google-proto-files', name), join(folder, name));
    }
    cpSync('test/fuzz/bodies/toy.proto', join(folder, 'toy.proto'));
    const file = join(folder, 'toy.binpb');
    execFileSync('node_modules/.bin/buf', ['build', folder, '--as-file-descriptor-set', '-o', file]);
    return loadRegistry(readFileSync(file), 'toy.proto');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function targetOf(route: Route, registry: FileRegistry): BodyTarget[] {
  if (route.body === 'none') return [];
  const [compiled, reflected] = [true, false].map((compiled) => createCodec(route, registry, { compiled }));
  const name = `${route.rpc.parent.typeName}.${route.rpc.name}`;
  return compiled && reflected ? [{ name, route, registry, compiled, reflected }] : [];
}

const TEXTS = ['7', '7', 'a', 'a/b%2Fc', '%20', '%zz', '', '-1', 'SAD', '99999999999999999999'];
const QUERIES = ['', '', '', '', 'name=x', 'pageCount=7', 'tags=a&tags=b', 'dryRun=true', 'updateMask=price', 'x=1'];

/** Variables and a query for a body: seldom wrong, for then the body is of no matter. */
export function inputFor({ route }: BodyTarget, body: Uint8Array, random: Random): HttpInput {
  const variables = route.variables.map(() => (random.chance(0.9) ? '7' : random.of(TEXTS)));
  const query = route.body === 'whole' && random.chance(0.95) ? '' : random.of(QUERIES);
  return { variables, query, body };
}

/** What a body is, where it is a message. */
export function bodyMessage({ body, rpc }: Route): DescMessage | undefined {
  return typeof body === 'object' ? body.message : rpc.input;
}
