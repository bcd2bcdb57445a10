import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/**
 * The types of a serialized google.protobuf.FileDescriptorSet that holds all its imports, as `buf build
 * --as-file-descriptor-set` writes it. `source` names it in errors.
 */
export function loadRegistry(bytes: Uint8Array, source: string): FileRegistry {
  try {
    const set = fromBinary(FileDescriptorSetSchema, bytes);
    if (set.file.length === 0) throw new Error('it holds no files');
    return createFileRegistry(set);
  } catch (error) {
    throw new Error(`${source} is not a complete descriptor set`, { cause: error });
  }
}
