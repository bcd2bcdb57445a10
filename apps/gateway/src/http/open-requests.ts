import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const bySocket = new WeakMap<Socket, Map<ServerResponse, () => void>>();

/**
 * Remembers a request until its answer is out, for what has to come after it on the same connection; then, or when the
 * connection has gone, `closed` is called. Node tells the first in a pipeline alone that the connection has gone.
 */
export function rememberRequest(socket: Socket, response: ServerResponse, closed: () => void): void {
  const open = bySocket.get(socket) ?? new Map<ServerResponse, () => void>();
  if (!bySocket.has(socket)) {
    bySocket.set(socket, open);
    socket.once('close', () => {
      for (const gone of open.values()) gone();
      open.clear();
    });
  }
  open.set(response, closed);
  response.once('close', () => {
    if (open.delete(response)) closed();
  });
}

/** The answer to the one whose body has not come to its end: there is at most one per connection, the last. */
export function incompleteRequest(socket: Socket): ServerResponse | undefined {
  return [...(bySocket.get(socket)?.keys() ?? [])].find(({ req }) => !req.complete);
}

/** Resolves when all requests of the connection but `except` are answered, or will never be. */
export async function othersAnswered(socket: Socket, except?: ServerResponse): Promise<void> {
  const others = [...(bySocket.get(socket)?.keys() ?? [])].filter((response) => response !== except);
  await Promise.all(others.map(answered));
}

/** Resolves when the answer is out, or will never be. */
export function answered(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.closed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('finish', resolve);
  response.once('close', resolve);
  return promise;
}
