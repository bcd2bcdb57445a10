/** RFC 7541, appendix A: names and values in turn, the first at index 1. */
const TEXT = `:authority||:method|GET|:method|POST|:path|/|:path|/index.html|:scheme|http|:scheme|https|:status|200|:status|204
|:status|206|:status|304|:status|400|:status|404|:status|500|accept-charset||accept-encoding|gzip, deflate|accept-language|
|accept-ranges||accept||access-control-allow-origin||age||allow||authorization||cache-control||content-disposition|
|content-encoding||content-language||content-length||content-location||content-range||content-type||cookie||date||etag|
|expect||expires||from||host||if-match||if-modified-since||if-none-match||if-range||if-unmodified-since||last-modified|
|link||location||max-forwards||proxy-authenticate||proxy-authorization||range||referer||refresh||retry-after||server|
|set-cookie||strict-transport-security||transfer-encoding||user-agent||vary||via||www-authenticate|`;

const parts = TEXT.replaceAll('\n', '').split('|');

export const STATIC_FIELDS: readonly (readonly [name: string, value: string])[] = Array.from(
  { length: parts.length / 2 },
  (_, index) => [parts[2 * index] ?? '', parts[2 * index + 1] ?? ''] as const,
);

/** 61. The first of the dynamic table comes after it. */
export const STATIC_LENGTH = STATIC_FIELDS.length;

/** The lowest index of each name, and that of each name with a value: `name|value`. */
export const STATIC_INDEX: ReadonlyMap<string, number> = new Map(
  STATIC_FIELDS.flatMap(([name, value], index) => [
    [name, index + 1] as const,
    [`${name}|${value}`, index + 1] as const,
  ])
    // Of several entries for a key the last one stays: the lowest.
    .reverse(),
);
