import type { ShopCase } from './shop.js';

/** The bytes of a request as HTTP/1.1 sends them; a token makes it one of somebody. */
export function httpRequest({ method, target, body }: ShopCase, host: string, token?: string): Buffer {
  const content = body && Buffer.from(JSON.stringify(body));
  const head = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: bench',
    `Accept: ${target.endsWith(':watch') ? 'text/event-stream' : 'application/json'}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(content ? ['Content-Type: application/json', `Content-Length: ${content.length}`] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), content ?? Buffer.alloc(0)]);
}
