import { createServer } from 'node:http';

const ANSWERS = new Map([
  ['/healthz', Buffer.from('{"status":"ok"}')],
  ['/v1/books/dune', Buffer.from('{"name":"dune","title":"Dune"}')],
]);

createServer((request, response) => {
  const body = ANSWERS.get(request.url);
  response.writeHead(body ? 200 : 404, [
    'content-type',
    'application/json',
    'content-length',
    String(body?.length ?? 0),
  ]);
  response.end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
