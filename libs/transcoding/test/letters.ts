import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  create,
  type DescMethod,
  type FileRegistry,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import { createCodec, type Dialect, loadRegistry, Router, routesOf } from '../src/index.js';

const IMPORTS = ['google/api/annotations.proto', 'google/api/http.proto'];

/** Compiles letters.proto as anybody would: buf build. It keeps where things are written. */
export function compileLetters(): FileRegistry {
  const folder = mkdtempSync(join(tmpdir(), 'letters-'));
  try {
    for (const name of IMPORTS) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      cpSync(join('node_modules/google-proto-files', name), join(folder, name));
    }
    cpSync('libs/transcoding/test/letters.proto', join(folder, 'letters.proto'));
    const file = join(folder, 'letters.binpb');
    execFileSync('node_modules/.bin/buf', ['build', folder, '--as-file-descriptor-set', '-o', file]);
    return loadRegistry(readFileSync(file), 'letters.proto');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function rpcsOf(registry: FileRegistry, service: string): readonly DescMethod[] {
  return registry.getService(`letters.v1.${service}`)?.methods ?? [];
}

/** What comes of a request: the RPC and its message as JSON, or a refusal. */
export type Outcome = { rpc: string; message: JsonValue } | { refused: string } | { allow: string } | 'not found';

/** The service Letters in a dialect, by the library's own surface: router and codecs. */
export class Letters {
  private readonly router: Router;

  constructor(
    private readonly registry: FileRegistry,
    private readonly dialect: Dialect,
  ) {
    this.router = new Router(rpcsOf(registry, 'Letters').flatMap((rpc) => routesOf(rpc)));
  }

  /** `request` is a request line without version: `GET /get/1?x=y`. Compiled code and reflection have to say the same. */
  send(request: string, body = ''): Outcome {
    const [, method = '', path = '', query = ''] = /^(\S+) ([^?]*)\??(.*)$/s.exec(request) ?? [];
    const match = this.router.match(method, path);
    if (match.kind === 'not-found') return 'not found';
    if (match.kind !== 'route') return { allow: match.allow.join() };
    const { route, variables } = match;
    const { rpc } = route;
    const [compiled, reflected] = [true, false].map((compiled): Outcome => {
      const codec = createCodec(route, this.registry, { dialect: this.dialect, compiled });
      try {
        const decoded = codec.decode({ variables, query, body: Buffer.from(body) });
        return { rpc: rpc.name, message: toJson(rpc.input, decoded.message()) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { refused: `${error.code} ${error.violations.map(({ field }) => field).join()}`.trim() };
      }
    });
    expect(compiled).toEqual(reflected);
    return compiled ?? 'not found';
  }

  /** What the client gets when the RPC answers with this message. */
  answer(request: string, message: JsonValue): unknown {
    const [method = '', path = ''] = request.split(' ');
    const match = this.router.match(method, path);
    if (match.kind !== 'route') throw new Error(`${request}: ${match.kind}`);
    const { output } = match.route.rpc;
    const bytes = toBinary(output, message === null ? create(output) : fromJson(output, message));
    const codec = createCodec(match.route, this.registry, { dialect: this.dialect });
    return JSON.parse(codec.encode(bytes).json.toString());
  }
}
