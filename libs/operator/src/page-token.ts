import { z } from 'zod';
import { DomainError } from '#libs/errors';

/** Lists of operator verbs are read by operators alone: their page tokens are a place in the list, not signed. */
export const pageToken = (place: Readonly<Record<string, string>>): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/** The place that a token names; undefined for the first page. Throws VALIDATION_FAILED for what no page ended with. */
export function placeOf<S extends z.ZodType>(shape: S, token: string): z.output<S> | undefined {
  if (token === '') return undefined;
  const parsed = shape.safeParse(jsonOf(token));
  if (parsed.success) return parsed.data;
  const description = 'is not the next_page_token of a page';
  throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'pageToken', description }] });
}

/** A whole number of the database, from 0. */
export const numberText = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform((text) => BigInt(text));

function jsonOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}
