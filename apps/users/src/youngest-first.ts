import { sql } from 'kysely';
import { Ordering } from '#libs/listing';

/** Pages of rows that have `id` and `create_time`. */
export const YOUNGEST_FIRST = new Ordering({
  fields: {
    createTime: { by: sql.ref('create_time'), type: 'timestamptz' },
    id: { by: sql.ref('id'), type: 'uuid' },
  },
  unique: 'id',
  otherwise: [{ field: 'createTime', direction: 'desc' }],
});
