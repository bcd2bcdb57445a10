export { type OpenApiInfo, openApi } from './document.js';
export type { Json, JsonObject, Schema } from './json.js';
export type { ServedRpc } from './served-rpc.js';
export { clientSource } from './typescript/client-source.js';
