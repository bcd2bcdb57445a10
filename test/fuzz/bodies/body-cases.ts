import type { CaseContext, FuzzCase } from '../cases.js';
import { Random } from '../random.js';
import { targetOf } from '../requests.js';
import { documentFor } from './documents.js';

/** A request whose body alone is odd, to one of the routes that take one: always the same for the same seed and token. */
export function bodyCaseOf(index: number, { seed, routes, token }: CaseContext): FuzzCase {
  const random = new Random(seed, index);
  const route = random.of(routes.filter(({ body }) => body !== 'none'));
  const { kind, bytes } = documentFor(route, random);
  const path = route.body === 'whole' ? targetOf(route, random).split('?', 1)[0] : targetOf(route, random);
  const head = [
    `${route.httpMethod} ${path} HTTP/1.1`,
    'Host: store.example',
    ...(token ? [`Authorization: Bearer ${token}`] : []),
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    `Idempotency-Key: body-${seed}-${index}`,
  ];
  return { kind, pieces: [Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes], leaves: false };
}
