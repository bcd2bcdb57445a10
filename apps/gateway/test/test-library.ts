import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileRegistry, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { serviceDefinition } from '#libs/contracts';
import { loadRegistry } from '#libs/transcoding';

const IMPORTS = ['annotations', 'http', 'httpbody'].map((name) => `google/api/${name}.proto`);

/** Compiles apps/gateway/test/library.proto, edited, as anybody would: buf build. Gives the file's name. */
export function compileLibrary(folder: string, edit?: (proto: string) => string): string {
  return compileProto(folder, 'library', edit);
}

/** The same for another proto of this folder. */
export function compileProto(folder: string, proto: string, edit = (text: string) => text): string {
  const file = join(folder, `${proto}.binpb`);
  for (const name of IMPORTS) {
    mkdirSync(join(folder, 'protos', dirname(name)), { recursive: true });
    cpSync(join('node_modules/google-proto-files', name), join(folder, 'protos', name));
  }
  writeFileSync(join(folder, `protos/${proto}.proto`), edit(readFileSync(`apps/gateway/test/${proto}.proto`, 'utf8')));
  execFileSync('node_modules/.bin/buf', ['build', join(folder, 'protos'), '--as-file-descriptor-set', '-o', file]);
  return file;
}

type Reflection = 'v1' | 'v1alpha' | 'none';

/** A gRPC server of somebody else: a library that tells which server answered, and what it was told of the caller. */
export class TestLibrary {
  readonly authorizations: (string | undefined)[] = [];
  readonly readers = new Set<ServerWritableStream<Message, unknown>>();
  private readonly server = new Server();
  private port = 0;

  static async start(descriptors: string, { title = 'Dune', reflection = 'none' as Reflection } = {}) {
    const library = new TestLibrary(title);
    await library.listen(descriptors, reflection);
    return library;
  }

  private constructor(private readonly title: string) {}

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  close(): void {
    this.server.forceShutdown();
  }

  private async listen(descriptors: string, reflection: Reflection): Promise<void> {
    const bytes = readFileSync(descriptors);
    const registry: FileRegistry = loadRegistry(bytes, descriptors);
    const service = registry.getService('library.v1.Library');
    if (!service) throw new Error('library.proto has no Library');
    this.server.addService(serviceDefinition(service), {
      GetBook: (
        call: ServerUnaryCall<Message & { name: string }, unknown>,
        reply: (error: null, book: object) => void,
      ) => {
        this.authorizations.push(tokenIn(call.metadata));
        reply(null, { name: call.request.name, title: this.title });
      },
      WatchBook: (call: ServerWritableStream<Message, unknown>) => {
        this.readers.add(call);
        call.on('cancelled', () => this.readers.delete(call));
        call.write({ title: this.title });
      },
    });
    if (reflection !== 'none') this.server.addService(reflectionDefinition(reflection), { ask: answerFrom(bytes) });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
    this.port = await promise;
  }
}

const tokenIn = (metadata: Metadata) => metadata.get('authorization')[0]?.toString();

function reflectionDefinition(version: 'v1' | 'v1alpha') {
  const asIs = (bytes: Uint8Array) => Buffer.from(bytes);
  return {
    ask: {
      path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      requestStream: true,
      responseStream: true,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

/** grpc/reflection/v1/reflection.proto, as far as clients ask: a file by its name, or by a symbol in it. */
function answerFrom(set: Uint8Array) {
  const files = fromBinary(FileDescriptorSetSchema, set).file;
  return (call: ServerDuplexStream<Buffer, Uint8Array>) => {
    call.on('data', (question: Buffer) => {
      const reader = new BinaryReader(question);
      const [field] = reader.tag();
      const wanted = reader.string();
      const file = files.find(({ name }) => name === (field === 3 ? wanted : 'library.proto'));
      const inner = new BinaryWriter();
      if (file) inner.tag(1, WireType.LengthDelimited).bytes(toBinary(FileDescriptorProtoSchema, file));
      else inner.tag(1, WireType.Varint).int32(5).tag(2, WireType.LengthDelimited).string('no such file');
      call.write(
        new BinaryWriter()
          .tag(file ? 4 : 7, WireType.LengthDelimited)
          .bytes(inner.finish())
          .finish(),
      );
    });
    call.on('end', () => call.end());
  };
}
