import { type JsonObject, type OpenApiInfo, openApi } from '#libs/openapi';
import type { Operations } from '../operations/load-operations.js';

/** The OpenAPI document of everything that is served. */
export function openApiDocument({ all, routes }: Pick<Operations, 'all' | 'routes'>, info: OpenApiInfo): JsonObject {
  const rpcs = all.map((operation) => {
    const own = routes.filter((bound) => bound.operation === operation);
    const { rpc, policy, access } = operation;
    const look = own[0] && { json: own[0].json, dialect: own[0].dialect };
    return { rpc, policy, access, ...(look && { look }), routes: own.map(({ route }) => route) };
  });
  return openApi(rpcs, info);
}
