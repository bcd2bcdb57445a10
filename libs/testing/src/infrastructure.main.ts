// One PostgreSQL, one Kafka broker and one store for a whole jest run, each started when the first test asks for it.
// A process of its own: jest's parent cannot load TypeScript, and this one survives Ctrl-C and crashes of jest long enough to stop
// everything. It ends when its standard input does, that is with jest, however jest ended.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { InfrastructureRooms } from './infrastructure-rooms.js';
import { openRunFolder, removeRunFolder } from './run-folder.js';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const folder = await openRunFolder();
const rooms = new InfrastructureRooms(folder);
const token = randomBytes(16).toString('hex');

const server = createServer((request, response) => {
  // Questions are minutes apart: a connection kept for the next one could be closed just as a busy worker reuses it.
  response.shouldKeepAlive = false;
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.headers.authorization !== `Bearer ${token}`) return answer(401, {});
  rooms.answer(String(request.url)).then(
    (description) => answer(200, description),
    (error: Error) => answer(500, { error: error.stack ?? error.message }),
  );
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${address.port}`, token })}\n`);
  }
});

process.stdin.resume().once('close', async () => {
  server.close();
  server.closeAllConnections();
  await rooms.close();
  await removeRunFolder(folder);
  process.exit(0);
});
