import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Client, type ClientDuplexStream, Metadata, type ServiceError, status } from '@grpc/grpc-js';

const TIMEOUT_MS = 5_000;
const MAX_FILES = 2_000;
/** Newest first; older servers know the second alone. Their messages are the same. */
const METHODS = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

// Field numbers in grpc/reflection/v1/reflection.proto.
const FILE_BY_FILENAME = 3;
const FILE_CONTAINING_SYMBOL = 4;
const FILE_DESCRIPTOR_RESPONSE = 4;
const ERROR_RESPONSE = 7;

interface Answer {
  readonly files: Uint8Array[];
  readonly error: string | undefined;
}

/**
 * The files that define services, and all that they import, as the server behind a channel tells them (gRPC server
 * reflection), by name. Options, http rules among them, are kept as they come. Throws an Error that says what to do.
 */
export async function reflect(client: Client, services: readonly string[]): Promise<Map<string, Uint8Array>> {
  for (const service of METHODS) {
    try {
      return await ask(client, service, services);
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
    }
  }
  throw new Error('the server offers no reflection: switch it on there, or use "descriptors" with a file');
}

/** A descriptor set of reflected files, each after those that it imports. */
export function descriptorSetOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const file: FileDescriptorProto[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    const bytes = files.get(name);
    if (!bytes || seen.has(name)) return;
    seen.add(name);
    const proto = fromBinary(FileDescriptorProtoSchema, bytes);
    proto.dependency.forEach(visit);
    file.push(proto);
  };
  for (const name of files.keys()) visit(name);
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}

async function ask(client: Client, service: string, wanted: readonly string[]): Promise<Map<string, Uint8Array>> {
  const conversation = new Conversation(client, `/${service}/ServerReflectionInfo`);
  const files = new Map<string, Uint8Array>();
  try {
    for (const name of wanted) add(files, await conversation.ask(FILE_CONTAINING_SYMBOL, name));
    for (let missing = missingIn(files); missing !== undefined; missing = missingIn(files)) {
      if (files.size > MAX_FILES) throw new Error(`the server tells of more than ${MAX_FILES} files`);
      const before = files.size;
      add(files, await conversation.ask(FILE_BY_FILENAME, missing));
      if (files.size === before) throw new Error(`the server does not tell the file ${missing}`);
    }
    return files;
  } finally {
    conversation.close();
  }
}

function add(files: Map<string, Uint8Array>, told: readonly Uint8Array[]): void {
  for (const bytes of told) files.set(fromBinary(FileDescriptorProtoSchema, bytes).name, bytes);
}

function missingIn(files: ReadonlyMap<string, Uint8Array>): string | undefined {
  for (const bytes of files.values()) {
    const missing = fromBinary(FileDescriptorProtoSchema, bytes).dependency.find((name) => !files.has(name));
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** One stream of questions, each answered before the next. */
class Conversation {
  private readonly call: ClientDuplexStream<Uint8Array, Answer>;
  private readonly answers: AsyncIterator<Answer>;

  constructor(client: Client, path: string) {
    const options = { deadline: Date.now() + TIMEOUT_MS };
    const write = (bytes: Uint8Array) => Buffer.from(bytes);
    this.call = client.makeBidiStreamRequest(path, write, readAnswer, new Metadata(), options);
    this.call.on('error', () => {}); // cancelled by close()
    this.answers = this.call[Symbol.asyncIterator]();
  }

  async ask(field: number, text: string): Promise<Uint8Array[]> {
    this.call.write(new BinaryWriter().tag(field, WireType.LengthDelimited).string(text).finish());
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`the server ended its reflection at ${text}`);
    if (value.error !== undefined) throw new Error(`the server does not know ${text}: ${value.error}`);
    return value.files;
  }

  close(): void {
    this.call.cancel();
  }
}

function readAnswer(bytes: Buffer): Answer {
  const files: Uint8Array[] = [];
  let error: string | undefined;
  for (const [field, value] of messagesIn(bytes)) {
    if (field === FILE_DESCRIPTOR_RESPONSE)
      for (const [inner, file] of messagesIn(value)) if (inner === 1) files.push(file);
    if (field === ERROR_RESPONSE)
      error = new TextDecoder().decode(messagesIn(value).find(([inner]) => inner === 2)?.[1]);
  }
  return { files, error };
}

/** The length-delimited fields of a message. */
function messagesIn(bytes: Uint8Array): [number, Uint8Array][] {
  const reader = new BinaryReader(bytes);
  const found: [number, Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) found.push([field, reader.bytes()]);
    else reader.skip(type, field);
  }
  return found;
}

const isUnimplemented = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && error.code === status.UNIMPLEMENTED;
