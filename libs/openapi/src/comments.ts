import type { AnyDesc, DescEnum, DescFile, DescMessage, DescService } from '@bufbuild/protobuf';

// Field numbers of google/protobuf/descriptor.proto, which source locations are paths of.
const FILE = { message: 4, enum: 5, service: 6 };
const MESSAGE = { field: 2, message: 3, enum: 4, oneof: 8 };
const ENUM_VALUE = 2;
const SERVICE_METHOD = 2;

const comments = new WeakMap<DescFile, ReadonlyMap<string, string>>();

/** The comment above a declaration, without its line breaks inside paragraphs; empty when there is none. */
export function commentOf(desc: Exclude<AnyDesc, DescFile>): string {
  const file = desc.kind === 'message' || desc.kind === 'enum' || desc.kind === 'service' ? desc.file : undefined;
  const inFile = file ?? ('parent' in desc && desc.parent ? fileOf(desc.parent) : undefined);
  const path = pathOf(desc);
  return (inFile && path && commentsOf(inFile).get(path.join('.'))) ?? '';
}

function fileOf(parent: DescMessage | DescEnum | DescService): DescFile {
  return parent.file;
}

function commentsOf(file: DescFile): ReadonlyMap<string, string> {
  const known = comments.get(file);
  if (known) return known;
  const locations = file.proto.sourceCodeInfo?.location ?? [];
  const found = new Map(
    locations
      .filter(({ leadingComments }) => leadingComments !== '')
      .map(({ path, leadingComments }) => [path.join('.'), tidy(leadingComments)] as const),
  );
  comments.set(file, found);
  return found;
}

function tidy(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trim());
  return lines
    .join('\n')
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/\n(?![-*] )/g, ' '))
    .join('\n\n');
}

function pathOf(desc: Exclude<AnyDesc, DescFile>): number[] | undefined {
  switch (desc.kind) {
    case 'message':
      return desc.parent
        ? [...(pathOf(desc.parent) ?? []), MESSAGE.message, desc.parent.proto.nestedType.indexOf(desc.proto)]
        : [FILE.message, desc.file.proto.messageType.indexOf(desc.proto)];
    case 'enum':
      return desc.parent
        ? [...(pathOf(desc.parent) ?? []), MESSAGE.enum, desc.parent.proto.enumType.indexOf(desc.proto)]
        : [FILE.enum, desc.file.proto.enumType.indexOf(desc.proto)];
    case 'service':
      return [FILE.service, desc.file.proto.service.indexOf(desc.proto)];
    case 'field':
      return [...(pathOf(desc.parent) ?? []), MESSAGE.field, desc.parent.proto.field.indexOf(desc.proto)];
    case 'oneof':
      return [...(pathOf(desc.parent) ?? []), MESSAGE.oneof, desc.parent.proto.oneofDecl.indexOf(desc.proto)];
    case 'enum_value':
      return [...(pathOf(desc.parent) ?? []), ENUM_VALUE, desc.parent.proto.value.indexOf(desc.proto)];
    case 'rpc':
      return [...(pathOf(desc.parent) ?? []), SERVICE_METHOD, desc.parent.proto.method.indexOf(desc.proto)];
    default:
      return undefined;
  }
}
