import type { FilterField } from './filter-fields.js';
import type { FilterValue } from './node.js';
import { filterRefusal } from './tokens.js';

const INT8_MAX = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// RFC 3339, section 5.6. The year 0000 is none of PostgreSQL's.
const TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** The value as PostgreSQL takes it for the field's type; throws VALIDATION_FAILED with its position. */
export function readValue(name: string, field: FilterField, { text, quoted, at }: FilterValue): string {
  const wrong = (wanted: string) => filterRefusal(at, `${name} is compared with ${wanted}`, 'filter.value');
  switch (field.type) {
    case 'integer':
      if (quoted || !/^-?\d{1,19}$/.test(text) || beyondInt8(BigInt(text))) throw wrong('a whole number of 64 bits');
      return text;
    case 'number':
      if (quoted || !/^-?\d{1,30}(\.\d{1,30})?$/.test(text)) throw wrong('a number');
      return text;
    case 'time':
      if (!TIME.test(text) || Number.isNaN(Date.parse(text))) throw wrong('a time such as "2026-01-31T09:30:00Z"');
      return text;
    case 'boolean':
      if (quoted || (text !== 'true' && text !== 'false')) throw wrong('true or false');
      return text;
    case 'uuid':
      if (!UUID.test(text)) throw wrong('an id (UUID)');
      return text;
    case 'enum':
      if (!field.values.includes(text)) throw wrong(`one of ${field.values.join(', ')}`);
      return text;
    case 'text':
    case 'list':
      return text;
  }
}

const beyondInt8 = (value: bigint) => value > INT8_MAX || value < -INT8_MAX - 1n;
