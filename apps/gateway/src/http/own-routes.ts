import { MethodNotAllowed } from '../problems/failure.js';
import type { EdgeReply } from './edge-reply.js';
import type { EdgeRequest } from './edge-request.js';

/** An endpoint of the gateway itself: public, read with GET, at one exact path. */
export interface OwnRoute {
  readonly path: string;
  /** Whether it is served now, where the configuration decides; an API may have the path while it is not. */
  isOn?(): boolean;
  /** Sends the answer to a GET; that to a HEAD is made from it. */
  answer(request: EdgeRequest, reply: EdgeReply): Promise<void> | EdgeReply;
}

/** The endpoints that are not RPCs. At their exact paths they go before the routes of all APIs. */
export class OwnRoutes {
  private readonly byPath: ReadonlyMap<string, OwnRoute>;

  /** Throws when two claim the same path. */
  constructor(routes: readonly OwnRoute[]) {
    this.byPath = new Map(routes.map((route) => [route.path, route]));
    if (this.byPath.size < routes.length) throw new Error('two own routes of the gateway claim the same path');
  }

  at(path: string): OwnRoute | undefined {
    const route = this.byPath.get(path);
    return route?.isOn?.() === false ? undefined : route;
  }
}

const ALLOW = 'GET, HEAD, OPTIONS';

/** Answers GET, HEAD and OPTIONS; throws MethodNotAllowed for the rest. */
export async function answerOwn(route: OwnRoute, request: EdgeRequest, reply: EdgeReply): Promise<void> {
  if (request.method === 'OPTIONS') {
    await reply.code(204).header('allow', ALLOW).send();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new MethodNotAllowed(ALLOW);
  await route.answer(request, reply);
}
