import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { isNullable } from '#libs/transcoding';
import { type Look, STANDARD_LOOK } from './look.js';
import { isUnset } from './scalars.js';
import { type ServedRpc, typesBelow } from './served-rpc.js';

/** How the messages of each API look: APIs do not share descriptors. */
export class Looks {
  private readonly byType = new Map<DescMessage | DescEnum, Look>();

  constructor(rpcs: readonly ServedRpc[]) {
    for (const { rpc, look } of rpcs) {
      if (!look) continue;
      for (const type of typesBelow(rpc.output, typesBelow(rpc.input))) this.byType.set(type, look);
    }
  }

  of(type: DescMessage): Look {
    return this.byType.get(type) ?? STANDARD_LOOK;
  }

  /** The name of a field in JSON. */
  nameOf(field: DescField): string {
    return this.of(field.parent).json.names === 'proto' ? field.name : field.jsonName;
  }

  /** Whether every answer has the field. */
  isAlwaysTold(field: DescField): boolean {
    const { unpopulated } = this.of(field.parent).json;
    if (unpopulated === 'omitted') return false;
    if (field.fieldKind === 'list' || field.fieldKind === 'map') return true;
    if (unpopulated === 'all' && isNullable(field)) return true;
    return field.presence === FeatureSet_FieldPresence.IMPLICIT && (unpopulated === 'all' || !isUnset(field));
  }

  /** Whether answers tell the field as null when it is not set. */
  mayBeNull(field: DescField): boolean {
    return this.of(field.parent).json.unpopulated === 'all' && isNullable(field);
  }

  hasNumbers(field: DescField): boolean {
    return this.of(field.parent).json.enums === 'numbers';
  }
}
