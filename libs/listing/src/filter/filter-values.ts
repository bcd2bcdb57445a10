import type { FilterField } from './filter-fields.js';
import type { FilterValue } from './node.js';
import { filterRefusal } from './tokens.js';

const INT8_MAX = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// RFC 3339, section 5.6; PostgreSQL has no year 0000 and no zone beyond ±15:59.
const TIME =
  /^(?<date>(?!0000)\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** The value as PostgreSQL takes it for the field's type; throws VALIDATION_FAILED with its position. */
export function readValue(name: string, field: FilterField, { text, quoted, at }: FilterValue): string {
  if (text.includes('\0')) throw filterRefusal(at, 'U+0000 is in no text here', 'filter.value');
  const wrong = (wanted: string) => filterRefusal(at, `${name} is compared with ${wanted}`, 'filter.value');
  switch (field.type) {
    case 'integer':
      if (quoted || !/^-?\d{1,19}$/.test(text) || beyondInt8(BigInt(text))) throw wrong('a whole number of 64 bits');
      return text;
    case 'number':
      if (quoted || !/^-?\d{1,30}(\.\d{1,30})?$/.test(text)) throw wrong('a number');
      return text;
    case 'time':
      if (!isTime(text)) throw wrong('a time such as "2026-01-31T09:30:00Z"');
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

function isTime(text: string): boolean {
  const date = TIME.exec(text)?.groups?.date;
  // A Date makes 2 March of 30 February; PostgreSQL refuses it.
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === date;
}

const beyondInt8 = (value: bigint) => value > INT8_MAX || value < -INT8_MAX - 1n;
