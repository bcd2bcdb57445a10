import type { NewProduct } from '../catalogue/product.js';

export interface DemoProduct extends Omit<NewProduct, 'price' | 'imageUrl'> {
  /** US cents. */
  readonly cents: bigint;
  readonly stock: number;
}

/** What the store sells in demo mode. The last one is scarce, to show what happens when stock runs out. */
export const DEMO_PRODUCTS: readonly DemoProduct[] = [
  {
    sku: 'espresso-machine',
    title: 'Espresso Machine "Rush Hour"',
    description: 'Fifteen bars of pressure and warm in forty seconds: a proper espresso before the bus leaves.',
    cents: 24900n,
    tags: ['kitchen', 'coffee'],
    stock: 120,
  },
  {
    sku: 'coffee-beans-1kg',
    title: 'Coffee Beans, Dark Roast, 1 kg',
    description: 'Chocolate, hazelnut and no patience. Roasted this week, whole beans.',
    cents: 1999n,
    tags: ['kitchen', 'coffee'],
    stock: 1000,
  },
  {
    sku: 'electric-kettle',
    title: 'Electric Kettle 1.7 l',
    description: 'Boils a full pot in under four minutes and keeps it hot for an hour.',
    cents: 4495n,
    tags: ['kitchen'],
    stock: 300,
  },
  {
    sku: 'chefs-knife',
    title: "Chef's Knife 20 cm",
    description: 'Forged steel that stays sharp, with a handle that stays put when things get hectic.',
    cents: 7900n,
    tags: ['kitchen'],
    stock: 250,
  },
  {
    sku: 'running-shoes',
    title: 'Running Shoes "Tailwind"',
    description: 'Light, cushioned and a little impatient. For roads and dry paths.',
    cents: 11900n,
    tags: ['sport', 'shoes'],
    stock: 400,
  },
  {
    sku: 'commuter-backpack',
    title: 'Commuter Backpack 22 l',
    description: 'Waterproof, with a padded sleeve for a 16-inch laptop and one pocket you can reach while walking.',
    cents: 8950n,
    tags: ['travel', 'bags'],
    stock: 350,
  },
  {
    sku: 'bike-light-set',
    title: 'Bike Light Set',
    description: 'Front and rear, bright enough for daylight, charged over USB-C in ninety minutes.',
    cents: 3990n,
    tags: ['sport', 'bike'],
    stock: 600,
  },
  {
    sku: 'noise-cancelling-headphones',
    title: 'Noise-Cancelling Headphones',
    description: 'Thirty hours of quiet, or of music: your choice.',
    cents: 19900n,
    tags: ['electronics', 'audio'],
    stock: 200,
  },
  {
    sku: 'usb-c-charger-65w',
    title: 'USB-C Charger 65 W',
    description: 'Three ports, one plug: laptop, phone and headphones full before you leave.',
    cents: 3499n,
    tags: ['electronics', 'travel'],
    stock: 800,
  },
  {
    sku: 'mechanical-keyboard',
    title: 'Mechanical Keyboard, Compact',
    description: 'Hot-swappable switches, a metal frame and keys that keep up with you.',
    cents: 12900n,
    tags: ['electronics', 'office'],
    stock: 150,
  },
  {
    sku: 'desk-lamp',
    title: 'Desk Lamp with Daylight',
    description: 'Even light from warm to daylight white, dimmed with a touch.',
    cents: 5990n,
    tags: ['office', 'home'],
    stock: 280,
  },
  {
    sku: 'signed-first-edition',
    title: '"In a Hurry", Signed First Edition',
    description: 'A novel about waiting, signed by its author. Three copies, then no more.',
    cents: 14900n,
    tags: ['books', 'rare'],
    stock: 3,
  },
];
