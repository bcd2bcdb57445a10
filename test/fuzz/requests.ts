import { readFileSync } from 'node:fs';
import { loadRegistry, type Route, routesOf } from '#libs/transcoding';
import type { Random } from './random.js';
import { jsonOf, textOf } from './values.js';

export const DESCRIPTORS = 'libs/contracts/descriptors/store.binpb';
const OWN = ['/healthz', '/readyz', '/errors', '/errors/THROTTLED', '/openapi.json', '/docs', '/', '*', '//', '/v1'];

/** Header lines that a server has to be careful with. */
const HEADERS = [
  'Accept: application/json;q=0.5, text/event-stream',
  'Accept-Encoding: br, gzip;q=0.5, *;q=0',
  'Authorization: Bearer x.y.z',
  'Authorization: Basic Zm9vOmJhcg==',
  'Connection: close',
  'Connection: keep-alive, Upgrade',
  'Content-Encoding: gzip',
  'Content-Length: 5',
  'Content-Length: 99999999999999999999',
  'Content-Type: application/json; charset=utf-16',
  'Content-Type: multipart/form-data; boundary=x',
  'Expect: 100-continue',
  'Expect: the-unexpected',
  'grpc-timeout: 1n',
  'Host: evil.example',
  'Idempotency-Key: "a"',
  `Idempotency-Key: ${'k'.repeat(300)}`,
  'Last-Event-ID: -1',
  'Origin: null',
  'Prefer: wait=99999999999',
  'Request-Timeout: 0.001',
  'Request-Timeout: NaN',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'TE: trailers',
  'traceparent: 00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff',
  'Upgrade: websocket',
  'X-Forwarded-For: 127.0.0.1',
  'X-HTTP-Method-Override: DELETE',
  `X-Long: ${'x'.repeat(11_000)}`,
];

/** Every route of the store, from its descriptors. */
export function storeRoutes(): Route[] {
  const routes: Route[] = [];
  for (const type of loadRegistry(readFileSync(DESCRIPTORS), DESCRIPTORS)) {
    if (type.kind === 'service') for (const rpc of type.methods) routes.push(...routesOf(rpc, ''));
  }
  return routes;
}

/** A request whose HTTP is right, to one of the routes; its values may be anything. */
export function wellFormed(routes: readonly Route[], random: Random, token: string | undefined): string {
  const route = random.of(routes);
  const isOwn = random.chance(0.05);
  const target = isOwn ? random.of(OWN) : targetOf(route, random);
  const hasBody = route.body !== 'none' && !isOwn;
  const body = hasBody ? bodyOf(route, random) : '';
  const lines = [`${isOwn ? 'GET' : route.httpMethod} ${target} HTTP/1.1`, 'Host: store.example'];
  // Else one of the first requests would end the session, and all that follow would get no further than 401.
  const endsSession = route.httpMethod === 'DELETE' && /session|users\/me$/.test(template(route));
  if (token && !endsSession && random.chance(0.7)) lines.push(`Authorization: Bearer ${token}`);
  if (hasBody) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  if (hasBody && random.chance(0.5)) lines.push(`Idempotency-Key: fuzz-${random.below(1e9)}`);
  while (random.chance(0.25)) lines.push(random.of(HEADERS));
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const template = (route: Route) => route.template.text;

/** A path and a query for a route: values may be anything. */
export function targetOf({ template, rpc }: Route, random: Random): string {
  const path = template.text.replace(/\{[^}]*\}/g, () => encodeURIComponent(safe(textOf(random))));
  const query: string[] = [];
  while (random.chance(0.4)) {
    const name =
      random.chance(0.9) && rpc.input.fields.length > 0 ? random.of(rpc.input.fields).jsonName : textOf(random);
    query.push(`${encodeURIComponent(safe(name))}=${encodeURIComponent(safe(textOf(random)))}`);
  }
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

function bodyOf({ rpc, body }: Route, random: Random): string {
  const message = typeof body === 'object' && body.message ? body.message : rpc.input;
  return jsonOf(message, random);
}

/** encodeURIComponent throws on half a surrogate pair. */
const safe = (text: string) => text.toWellFormed().slice(0, 1_000);
