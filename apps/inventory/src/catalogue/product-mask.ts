import { create } from '@bufbuild/protobuf';
import { CreateProductRequestSchema, type Product as ProductMessage } from '#libs/contracts';
import { DomainError, type FieldViolation } from '#libs/errors';
import { violationsOf } from '#libs/service';
import type { Price, ProductDetails } from './product.js';

type Change = (from: ProductMessage, details: ProductDetails) => Partial<ProductDetails>;

const priceOf = ({ price }: ProductMessage): Price => ({
  currencyCode: price?.currencyCode ?? '',
  minorUnits: price?.minorUnits ?? 0n,
});

/** What each path of a mask changes; paths are those of the proto. */
const CHANGES: Readonly<Record<string, Change>> = {
  title: ({ title }) => ({ title }),
  description: ({ description }) => ({ description }),
  price: (from) => ({ price: priceOf(from) }),
  'price.currency_code': (from, { price }) => ({ price: { ...price, currencyCode: priceOf(from).currencyCode } }),
  'price.minor_units': (from, { price }) => ({ price: { ...price, minorUnits: priceOf(from).minorUnits } }),
  tags: ({ tags }) => ({ tags }),
  image_url: ({ imageUrl }) => ({ imageUrl }),
  low_stock_threshold: ({ lowStockThreshold }) => ({ lowStockThreshold }),
};
const WHOLE = ['title', 'description', 'price', 'tags', 'image_url', 'low_stock_threshold'];
const OTHERS = new Set(['sku', 'available', 'create_time', 'update_time']);

/**
 * The details after a change by mask (AIP-134): what the mask names is taken from the message, also when it is empty there.
 * `*` names everything, a mask that is absent what the message has. Throws VALIDATION_FAILED on a path that does not
 * exist or cannot be changed, and on values that no product may have.
 */
export function applyMask(
  details: ProductDetails,
  from: ProductMessage,
  mask: readonly string[] | undefined,
): ProductDetails {
  const paths = pathsOf(from, mask);
  const violations = paths.filter((path) => !Object.hasOwn(CHANGES, path)).map(wrongPath);
  if (violations.length > 0) throw new DomainError('VALIDATION_FAILED', { violations });
  const changed = { ...details };
  for (const path of paths) Object.assign(changed, CHANGES[path]?.(from, changed));
  checkValues(changed, paths);
  return changed;
}

function pathsOf(from: ProductMessage, mask: readonly string[] | undefined): readonly string[] {
  if (mask?.length === 1 && mask[0] === '*') return WHOLE;
  // The etag says which version is meant; it is in the body of a PATCH and hence in its mask.
  if (mask && mask.length > 0) return mask.filter((path) => path !== 'etag');
  const { title, description, price, tags, imageUrl, lowStockThreshold } = from;
  const present = [
    title !== '',
    description !== '',
    price,
    tags.length > 0,
    imageUrl !== '',
    lowStockThreshold !== undefined,
  ];
  return WHOLE.filter((_, at) => present[at]);
}

function wrongPath(path: string): FieldViolation {
  const known = OTHERS.has(path);
  const description = `names ${path.slice(0, 100)}, which ${known ? 'cannot be changed' : 'a product does not have'}`;
  return { field: 'updateMask', description, reason: known ? 'immutable' : 'unknown' };
}

/** The rules of CreateProduct hold for what was changed; what was not may be older than a rule. */
function checkValues(details: ProductDetails, paths: readonly string[]): void {
  const changed = new Set(
    paths.map((path) => path.split('.')[0]?.replace(/_(.)/g, (_, letter) => letter.toUpperCase())),
  );
  const { tags, ...same } = details;
  const whole = create(CreateProductRequestSchema, { ...same, tags: [...tags], sku: 'any' });
  const violations = violationsOf(CreateProductRequestSchema, whole)
    .filter(({ field }) => changed.has(/^\w+/.exec(field)?.[0]))
    .map((violation) => ({ ...violation, field: `product.${violation.field}` }));
  if (violations.length > 0) throw new DomainError('VALIDATION_FAILED', { violations });
}
