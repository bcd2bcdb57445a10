import { type JsonObject, type OpenApiInfo, openApi } from '#libs/openapi';
import type { BoundRoute } from '../operations/operation.js';

const STANDARD: OpenApiInfo = { title: 'API', version: '1' };

/** The OpenAPI document of everything that is served. */
export function openApiDocument(bound: readonly BoundRoute[], info: Partial<OpenApiInfo> = {}): JsonObject {
  const operations = [...new Set(bound.map(({ operation }) => operation))];
  const rpcs = operations.map((operation) => ({
    rpc: operation.rpc,
    access: operation.access,
    routes: bound.filter((route) => route.operation === operation).map(({ route }) => route),
  }));
  return openApi(rpcs, { ...STANDARD, ...info });
}
