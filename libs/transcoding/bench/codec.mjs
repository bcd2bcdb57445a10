// CPU of the codec, compiled against reflection, in one run: npm run bench:codec. Best of the rounds, in µs a message.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { ListProductsResponseSchema, ProductSchema } from '#libs/contracts';
import { createCodec, loadRegistry, routesOf } from '#libs/transcoding';

const HELP = `Times the codec over the store's own messages, compiled against reflection.
  npm run bench:codec -- [--rounds 7]`;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const rounds = Number(values.rounds);

const registry = loadRegistry(readFileSync('libs/contracts/descriptors/store.binpb'), 'store.binpb');
const methods = [...registry].filter(({ kind }) => kind === 'service').flatMap(({ methods }) => methods);

/** Both codecs of the first route of an RPC. */
function codecs(name) {
  const route = routesOf(methods.find((method) => method.name === name))[0];
  return [true, false].map((compiled) => createCodec(route, registry, { compiled }));
}

const product = (index) =>
  create(ProductSchema, {
    sku: `COFFEE-${index}`,
    title: 'Café “Blue Mountain”, 1 kg',
    description: 'Whole beans, washed, medium roast. Notes of cocoa and orange.',
    price: { currencyCode: 'EUR', minorUnits: 3990n },
    tags: ['coffee', 'beans'],
    imageUrl: `https://cdn.example/products/${index}.webp`,
    available: 120 + index,
    createTime: timestampFromDate(new Date('2026-01-31T12:00:00Z')),
    updateTime: timestampFromDate(new Date('2026-02-01T12:00:00.123Z')),
    etag: '"7f3a9c"',
  });
const one = toBinary(ProductSchema, product(1));
const products = Array.from({ length: 50 }, (_, index) => product(index));
const fifty = toBinary(
  ListProductsResponseSchema,
  create(ListProductsResponseSchema, { products, nextPageToken: 'x' }),
);
const order = Buffer.from(
  JSON.stringify({
    lines: Array.from({ length: 5 }, (_, index) => ({ sku: `COFFEE-${index}`, quantity: index + 1 })),
    paymentMethod: 'pm_card_visa',
    expectedTotal: { currencyCode: 'EUR', minorUnits: '19950' },
  }),
);

const cases = [
  ['Product → JSON', codecs('GetProduct').map((codec) => () => codec.encode(one)), 20_000],
  ['50 products → JSON', codecs('ListProducts').map((codec) => () => codec.encode(fifty)), 600],
  [
    'order of 5 lines → protobuf',
    codecs('PlaceOrder').map((codec) => () => codec.decode({ variables: [], query: '', body: order })),
    8_000,
  ],
];

console.log(`Node ${process.version}, ${rounds} rounds\n`);
console.log('| | compiled µs | reflection µs | ratio |\n|---|---|---|---|');
for (const [name, ways, count] of cases) {
  const best = ways.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of ways.entries()) best[index] = Math.min(best[index], time(run, count));
  }
  const [fast, slow] = best;
  console.log(`| ${name} | ${fast.toFixed(2)} | ${slow.toFixed(2)} | ${(slow / fast).toFixed(1)} |`);
}

function time(run, count) {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
