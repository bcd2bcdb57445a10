import { connect } from 'node:net';

/** Sends bytes as they are and reads until the server ends the connection: what no HTTP client would send. */
export function rawRequest(url: string, bytes: string): Promise<{ status: number; head: string; body: string }> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; head: string; body: string }>();
  const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', reject);
  socket.on('close', () => {
    const [head = '', body = ''] = Buffer.concat(chunks)
      .toString()
      .split(/\r\n\r\n(.*)/s);
    resolve({ status: Number(head.split(' ')[1]), head, body });
  });
  return promise;
}
