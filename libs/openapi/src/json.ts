/** A value of an OpenAPI document. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** A JSON Schema, draft 2020-12, as OpenAPI 3.1 takes it. */
export type Schema = JsonObject;

/**
 * Requests and responses of one message differ: what is sent may be left out and is checked, what is answered is there. A
 * parameter is a request's value in path, query or header, where it is text whatever its type; in a body ProtoJSON takes more
 * than one form. A patch is a message in a body whose rules are switched off (IGNORE_ALWAYS): it may be a part of the whole.
 */
export type Use = 'request' | 'patch' | 'parameter' | 'response';

export const isInBody = (use: Use): boolean => use === 'request' || use === 'patch';
