import type { Readiness } from '#libs/service';
import type { OwnRoute } from './own-routes.js';

const [LIVES, SERVES] = ['/healthz', '/readyz'];
export const HEALTH_PATHS: readonly string[] = [LIVES, SERVES];

/** Whether the gateway lives and serves, without what the checks say: that is for the internal listener. */
export function healthRoutes(readiness: Readiness): OwnRoute[] {
  return [
    { path: LIVES, answer: (_, reply) => reply.type('application/json').send('{"status":"ok"}') },
    {
      path: SERVES,
      answer: async (_, reply) => {
        const { ready } = await readiness.report();
        const status = ready ? 'ready' : 'not ready';
        await reply
          .code(ready ? 200 : 503)
          .type('application/json')
          .send(JSON.stringify({ status }));
      },
    },
  ];
}
