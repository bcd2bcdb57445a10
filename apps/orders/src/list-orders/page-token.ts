import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '#libs/errors';
import type { Cursor } from '../order.store.js';

/** ECMA-262, 21.4.1.1. PostgreSQL goes further. */
const LAST_DATE = 8_640_000_000_000_000;
const Content = z.tuple([z.string(), z.int().min(0).max(LAST_DATE), z.uuid()]);

/** Where the next page begins. Opaque to clients, and only good for the customer whose page it ended. */
export function pageTokenAfter({ id, createTime }: Cursor, customerId: string): string {
  return Buffer.from(JSON.stringify([ownerMark(customerId), createTime.getTime(), id])).toString('base64url');
}

/** The place that a token names; undefined for the empty token of the first page. */
export function readPageToken(token: string, customerId: string): Cursor | undefined {
  if (token === '') return undefined;
  const content = Content.safeParse(parseJson(Buffer.from(token, 'base64url').toString()));
  if (!content.success || content.data[0] !== ownerMark(customerId)) {
    const description = 'is not the nextPageToken of a page of yours';
    throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'pageToken', description }] });
  }
  const [, createTime, id] = content.data;
  return { id, createTime: new Date(createTime) };
}

// Not a secret: a forged token reads the forger's own orders.
const ownerMark = (customerId: string) => createHash('sha256').update(customerId).digest('base64url').slice(0, 10);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
