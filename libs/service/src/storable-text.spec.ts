import { create } from '@bufbuild/protobuf';
import { CreateProductRequestSchema, PlaceOrderRequestSchema } from '#libs/contracts';
import { unstorableText } from './storable-text.js';

it('names each text that PostgreSQL cannot store, by its JSON path', () => {
  const product = create(CreateProductRequestSchema, {
    title: 'a\0',
    description: 'plain',
    imageUrl: '\0',
    price: { currencyCode: 'E\0R' },
    tags: ['plain', '\0'],
  });
  const found = unstorableText(CreateProductRequestSchema, product).map(({ field }) => field);
  expect(found).toEqual(['title', 'price.currencyCode', 'tags[1]', 'imageUrl']);
});

it('has nothing against all other text', () => {
  const lines = [{ sku: 'ü \u0001 \u{1f375} \ufffd', quantity: 1 }];
  const order = create(PlaceOrderRequestSchema, { lines, paymentMethod: "'; DROP TABLE orders; --" });
  expect(unstorableText(PlaceOrderRequestSchema, order)).toEqual([]);
});
