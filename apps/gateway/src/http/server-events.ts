import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refuseRest } from './parser-errors.js';

/** Takes on what Node would otherwise answer in its own words, or not at all. */
export function handleServerEvents(server: Server): void {
  // "100 Continue" is sent when somebody is going to read the body, not before; other expectations are refused there.
  const asRequest = (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response);
  server.on('checkContinue', asRequest);
  server.on('checkExpectation', asRequest);
  // A tunnel, which is for proxies: no resource here has this method.
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    refuseRest(socket, 'METHOD_NOT_ALLOWED', { Allow: '' });
  });
}
