import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { transformFileSync } from '@swc/core';

export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the built client as it is, and the suite from its source: a web page on an origin of its own. */
export async function servePages(): Promise<PageServer> {
  const server = createServer((request, response) => {
    try {
      const [type, content] = contentAt(request.url ?? '/');
      response.setHeader('content-type', type).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the page server has no port');
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return { origin: `http://127.0.0.1:${address.port}`, close };
}

function contentAt(path: string): [type: string, content: string | Buffer] {
  if (path === '/') return ['text/html', '<!doctype html><title>client</title>'];
  if (/^\/libs\/client\/src\/[\w/-]+\.js$/.test(path)) return ['text/javascript', readFileSync(`dist${path}`)];
  const suite = /^(\/test\/client\/[\w.-]+)\.js$/.exec(path)?.[1];
  if (!suite) throw new Error(`there is nothing at ${path}`);
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } } as const;
  return ['text/javascript', transformFileSync(`.${suite}.ts`, { ...options, swcrc: false, configFile: false }).code];
}
