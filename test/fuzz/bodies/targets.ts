import { readFileSync } from 'node:fs';
import type { DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { createCodec, type HttpInput, loadRegistry, type MethodCodec, type Route, routesOf } from '#libs/transcoding';
import { type Rule, toyMethod, toyRegistry } from '../../../libs/transcoding/test/toy.js';
import type { Random } from '../random.js';
import { DESCRIPTORS } from '../requests.js';

/** A route whose body is read by compiled code and by reflection. */
export interface BodyTarget {
  readonly name: string;
  readonly route: Route;
  readonly registry: FileRegistry;
  readonly compiled: MethodCodec;
  readonly reflected: MethodCodec;
}

/** What every field kind of Book is tried in: whole, as a part, beside variables, and with a mask that its keys fill. */
const BOOKS: Record<string, Rule> = {
  Whole: { post: '/v1', body: '*' },
  Named: { post: '/v1/{name=a/*}/{author.mentor.age}', body: '*' },
  Author: { post: '/v1/{author.first_name}/{page_count}', body: 'author' },
  Chapters: { put: '/v1', body: 'chapters' },
  Labels: { put: '/v1', body: 'labels' },
  Tags: { put: '/v1/{mood}', body: 'tags' },
  Free: { put: '/v1', body: 'free' },
  Extra: { put: '/v1', body: 'extra' },
  Time: { put: '/v1', body: 'publish_time' },
};
const UPDATES: Record<string, Rule> = { Update: { patch: '/v1/{book.name=books/**}', body: 'book' } };

/** Every route with a body: those of the store, and those of messages that have fields of every kind. */
export function bodyTargets(): BodyTarget[] {
  const store = loadRegistry(readFileSync(DESCRIPTORS), DESCRIPTORS);
  const rpcs = [...store].flatMap((type) => (type.kind === 'service' ? type.methods : []));
  return [
    ...rpcs.flatMap((rpc) => routesOf(rpc)).flatMap((route) => targetOf(route, store)),
    ...toys(BOOKS, 'Book'),
    ...toys(UPDATES, 'Update'),
  ];
}

function toys(rules: Record<string, Rule>, input: 'Book' | 'Update'): BodyTarget[] {
  const registry = toyRegistry(rules, input);
  return Object.keys(rules).flatMap((name) =>
    routesOf(toyMethod(registry, name)).flatMap((route) => targetOf(route, registry)),
  );
}

function targetOf(route: Route, registry: FileRegistry): BodyTarget[] {
  if (route.body === 'none') return [];
  const [compiled, reflected] = [true, false].map((compiled) => createCodec(route, registry, { compiled }));
  const name = `${route.rpc.parent.typeName}.${route.rpc.name}`;
  return compiled && reflected ? [{ name, route, registry, compiled, reflected }] : [];
}

const TEXTS = ['7', '7', 'a', 'a/b%2Fc', '%20', '%zz', '', '-1', 'SAD', '99999999999999999999'];
const QUERIES = ['', '', '', '', 'name=x', 'pageCount=7', 'tags=a&tags=b', 'dryRun=true', 'updateMask=price', 'x=1'];

/** Variables and a query for a body: seldom wrong, for then the body is of no matter. */
export function inputFor({ route }: BodyTarget, body: Uint8Array, random: Random): HttpInput {
  const variables = route.variables.map(() => (random.chance(0.9) ? '7' : random.of(TEXTS)));
  const query = route.body === 'whole' && random.chance(0.95) ? '' : random.of(QUERIES);
  return { variables, query, body };
}

/** What a body is, where it is a message. */
export function bodyMessage({ body, rpc }: Route): DescMessage | undefined {
  return typeof body === 'object' ? body.message : rpc.input;
}
