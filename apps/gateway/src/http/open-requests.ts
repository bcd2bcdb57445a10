import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface OpenRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const bySocket = new WeakMap<Socket, Set<OpenRequest>>();

/** Remembers a request until its answer is out, for what has to come after it on the same connection. */
export function rememberRequest(request: IncomingMessage, response: ServerResponse): void {
  const requests = bySocket.get(request.socket) ?? new Set();
  bySocket.set(request.socket, requests);
  const entry = { request, response };
  requests.add(entry);
  const forget = () => requests.delete(entry);
  response.once('finish', forget);
  response.once('close', forget);
}

/** The one whose body has not come to its end: there is at most one per connection, the last. */
export function incompleteRequest(socket: Socket): OpenRequest | undefined {
  return [...(bySocket.get(socket) ?? [])].find(({ request }) => !request.complete);
}

/** Resolves when all requests of the connection but `except` are answered, or will never be. */
export async function othersAnswered(socket: Socket, except?: OpenRequest): Promise<void> {
  const others = [...(bySocket.get(socket) ?? [])].filter((entry) => entry !== except);
  await Promise.all(others.map(({ response }) => answered(response)));
}

/** Resolves when the answer is out, or will never be. */
export function answered(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.closed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('finish', resolve);
  response.once('close', resolve);
  return promise;
}
