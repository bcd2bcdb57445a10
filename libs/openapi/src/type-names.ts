import type { DescEnum, DescMessage } from '@bufbuild/protobuf';

/**
 * Names of types in a document: without package and dots (`Order.Line` is OrderLine), unless two types would share one;
 * these are written in full. Independent of the order of the types.
 */
export class TypeNames {
  private readonly owners = new Map<string, Set<string>>();

  /** @param taken names that no type may have */
  constructor(types: Iterable<DescMessage | DescEnum>, taken: readonly string[]) {
    for (const name of taken) this.owners.set(name, new Set(['']));
    for (const type of types) {
      const owners = this.owners.get(shortName(type)) ?? new Set<string>();
      this.owners.set(shortName(type), owners.add(type.typeName));
    }
  }

  of(type: DescMessage | DescEnum): string {
    const short = shortName(type);
    return (this.owners.get(short)?.size ?? 0) > 1 ? type.typeName.replaceAll('.', '_') : short;
  }
}

function shortName({ typeName, file }: DescMessage | DescEnum): string {
  const { package: inPackage } = file.proto;
  return (inPackage === '' ? typeName : typeName.slice(inPackage.length + 1)).replaceAll('.', '');
}
