/** How messages look as JSON, where protobuf's JSON mapping leaves a choice. */
export interface JsonForm {
  /**
   * Fields that are not set. `without-presence`: those without presence are always there (`[]`, `""`, `"0"`), but an enum
   * that is unset, i.e. `…_UNSPECIFIED`, is left out, also where it has presence. `omitted`: none, the mapping's default.
   * `all`: also unset enums, and unset messages as `null`: what grpc-gateway emits.
   */
  readonly unpopulated: 'without-presence' | 'omitted' | 'all';
  /** Names of fields: lowerCamelCase (or `json_name`), or as in the proto. */
  readonly names: 'json' | 'proto';
  readonly enums: 'names' | 'numbers';
}

export const DEFAULT_FORM: JsonForm = { unpopulated: 'without-presence', names: 'json', enums: 'names' };
