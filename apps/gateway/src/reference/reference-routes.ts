import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ReferenceConfig } from '../config/reference.js';
import type { EdgeReply } from '../http/edge-reply.js';
import type { EdgeRequest } from '../http/edge-request.js';
import type { OwnRoute } from '../http/own-routes.js';
import type { Operations } from '../operations/load-operations.js';
import { openApiDocument } from './openapi-document.js';

const OWN_FILES = 'apps/gateway/reference-page';
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

// The page runs its own scripts and asks its own host, nothing else. Swagger UI places its icons as data: URLs and styles
// elements in place.
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FILES: readonly (readonly [path: string, file: string, type: string])[] = [
  ['/docs', join(OWN_FILES, 'index.html'), 'text/html; charset=utf-8'],
  ['/docs/start.js', join(OWN_FILES, 'start.js'), 'text/javascript; charset=utf-8'],
  ['/docs/swagger-ui-bundle.js', join(SWAGGER_UI, 'swagger-ui-bundle.js'), 'text/javascript; charset=utf-8'],
  ['/docs/swagger-ui.css', join(SWAGGER_UI, 'swagger-ui.css'), 'text/css; charset=utf-8'],
  ['/docs/favicon-32x32.png', join(SWAGGER_UI, 'favicon-32x32.png'), 'image/png'],
];

const DOCUMENT = '/openapi.json';
export const REFERENCE_PATHS: readonly string[] = [DOCUMENT, ...FILES.map(([path]) => path)];

/** What is served at the moment. */
export interface Served {
  readonly operations: Operations;
  readonly config: { readonly reference: ReferenceConfig };
}

/**
 * `/openapi.json` of what is served at the moment, and `/docs`, a page to read and try it that needs no other host; both
 * only while the configuration makes them public.
 */
export function referenceRoutes(served: () => Served): OwnRoute[] {
  const documents = new WeakMap<Operations, Buffer>();
  const document = () => {
    const { operations, config } = served();
    const known =
      documents.get(operations) ?? Buffer.from(JSON.stringify(openApiDocument(operations, config.reference)));
    documents.set(operations, known);
    return known;
  };
  const isOn = () => served().config.reference.public;
  return [
    { path: DOCUMENT, isOn, answer: (request, reply) => send(request, reply, [document(), 'application/json']) },
    ...FILES.map(([path, file, type]) => ({ isOn, ...fileRoute(path, file, type) })),
  ];
}

function fileRoute(path: string, file: string, type: string): OwnRoute {
  const content = readFileSync(file);
  return {
    path,
    answer: (request, reply) => {
      if (type.startsWith('text/html')) reply.header('content-security-policy', PAGE_POLICY);
      return send(request, reply, [content, type]);
    },
  };
}

/** With an ETag: browsers keep what has not changed, and ask each time whether it has. */
function send({ headers }: EdgeRequest, reply: EdgeReply, [content, type]: [Buffer, string]): EdgeReply {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', etag).header('cache-control', 'no-cache').header('vary', 'Origin');
  const known = String(headers['if-none-match'] ?? '').split(/\s*,\s*/);
  if (known.includes(etag) || known.includes(`W/${etag}`)) return reply.code(304).send();
  return reply.type(type).send(content);
}
