import { type JsonObject, type OpenApiInfo, openApi } from '#libs/openapi';
import type { Operations } from '../operations/load-operations.js';

/** The OpenAPI document of everything that is served. */
export function openApiDocument({ all, routes }: Pick<Operations, 'all' | 'routes'>, info: OpenApiInfo): JsonObject {
  const rpcs = all.map((operation) => ({
    rpc: operation.rpc,
    policy: operation.policy,
    access: operation.access,
    routes: routes.filter((bound) => bound.operation === operation).map(({ route }) => route),
  }));
  return openApi(rpcs, info);
}
