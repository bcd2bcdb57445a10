import { STATUS_CODES } from 'node:http';
import { Code } from '#libs/contracts';
import { ADVICE, ERROR_DOMAIN, ERRORS, type ErrorCode, isErrorCode } from '#libs/errors';
import type { EdgeReply } from '../http/edge-reply.js';
import type { EdgeRequest } from '../http/edge-request.js';
import type { OwnRoute } from '../http/own-routes.js';
import { qualitiesOf } from '../http/qualities.js';
import { ERRORS_PATH } from './problem.js';

const CODES = Object.keys(ERRORS).filter(isErrorCode);
const pathOf = (code: ErrorCode) => `${ERRORS_PATH}/${code}`;
export const ERROR_PATHS: readonly string[] = [ERRORS_PATH, ...CODES.map(pathOf)];

/** What the `type` of problem documents leads to: a page per code and one of all, for people and as JSON. */
export function errorRoutes(): OwnRoute[] {
  const all = { domain: ERROR_DOMAIN, errors: CODES.map(entryOf) };
  return [
    page(ERRORS_PATH, all, () => htmlPage('Errors', `<ul>${CODES.map(listItem).join('')}</ul>`)),
    ...CODES.map((code) => page(pathOf(code), entryOf(code), () => htmlPage(code, htmlEntry(code)))),
  ];
}

/** One error, as the JSON form of its page tells it. */
function entryOf(code: ErrorCode) {
  const { http, grpc, retryable, text } = ERRORS[code];
  return {
    type: pathOf(code),
    code,
    status: http,
    grpcStatus: Code[grpc],
    retryable,
    title: text,
    advice: ADVICE[code],
  };
}

function page(path: string, json: object, html: () => string): OwnRoute {
  return {
    path,
    answer({ headers }: EdgeRequest, reply: EdgeReply) {
      reply.header('vary', 'Accept').header('cache-control', 'public, max-age=300');
      if (prefersJson(headers.accept)) return reply.type('application/json').send(JSON.stringify(json));
      return reply.type('text/html; charset=utf-8').send(html());
    },
  };
}

/** HTML where a client says nothing, as links are mostly followed by people. */
function prefersJson(accept: string | undefined): boolean {
  const ranges = qualitiesOf(accept);
  const best = (type: RegExp) => Math.max(0, ...ranges.filter(({ name }) => type.test(name)).map(({ q }) => q));
  return best(/^application\/(problem\+)?json$/) > best(/^(text\/html|application\/xhtml\+xml)$/);
}

function listItem(code: ErrorCode): string {
  return `<li><a href="${pathOf(code)}">${code}</a>: ${ERRORS[code].http}, ${htmlText(ERRORS[code].text)}</li>`;
}

function htmlEntry(code: ErrorCode): string {
  const { http, grpc, retryable, text } = ERRORS[code];
  return `<p>${htmlText(text)}</p>
<dl>
<dt>HTTP status</dt><dd>${http} ${STATUS_CODES[http] ?? 'Client Closed Request'}</dd>
<dt>gRPC status</dt><dd>${Code[grpc]}</dd>
<dt>May the same request succeed later?</dt><dd>${retryable ? 'yes' : 'no'}</dd>
<dt>What to do</dt><dd>${htmlText(ADVICE[code])}</dd>
</dl>
<p><a href="${ERRORS_PATH}">All errors</a></p>`;
}

function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width"></head>
<body><h1>${title}</h1>
${body}
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of the table; `` `…` `` becomes code. */
function htmlText(text: string): string {
  const escaped = text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
  return escaped.replace(/`([^`]*)`/g, '<code>$1</code>');
}
