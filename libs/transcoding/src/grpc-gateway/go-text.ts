/*
 * Scalars as Go's strconv, encoding/base64 and protojson read them, where that is not what JavaScript does. Each gives undefined
 * for what they refuse.
 */

/** strconv.ParseInt and ParseUint in base 10: signs for signed numbers alone, leading zeros, no underscores. */
export function goInteger(text: string, range: IntegerRange): bigint | undefined {
  const isSigned = range.least < 0n;
  if (!(isSigned ? /^[+-]?\d{1,100}$/ : /^\d{1,100}$/).test(text)) return undefined;
  return within(BigInt(text.replace('+', '')), range);
}

export interface IntegerRange {
  readonly least: bigint;
  readonly most: bigint;
}

export function within(value: bigint, { least, most }: IntegerRange): bigint | undefined {
  return value >= least && value <= most ? value : undefined;
}

// A 64-bit integer has no more, nor do numbers with an exponent that are one.
const MOST_DIGITS = 20;

/** A JSON number as protojson takes it for an integer: `1.0` and `1e2` are whole, `1.5` is not. */
export function wholeNumber(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === '') return undefined;
  const [digits, decimals] = [whole === '0' ? '' : whole, fraction.replace(/0+$/, '')];
  if (digits === '' && decimals === '') return 0n;
  const shift = Number(exponent) - decimals.length;
  if (digits.length + Number(exponent) > MOST_DIGITS || -shift > digits.length + decimals.length) return undefined;
  const all = digits + decimals;
  const kept = shift >= 0 ? all + '0'.repeat(shift) : all.slice(0, shift);
  if (shift < 0 && !/^0*$/.test(all.slice(shift))) return undefined;
  return BigInt(`${sign}${kept || '0'}`);
}

const BOOLS = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** strconv.ParseBool. */
export function goBool(text: string): boolean | undefined {
  return BOOLS.get(text);
}

const NAMED = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const LARGEST_FLOAT = 3.4028234663852886e38;

/** strconv.ParseFloat, without its hexadecimal and its own names for what is no number. */
export function goFloat(text: string, bits: 32 | 64): number | undefined {
  const named = NAMED.get(text);
  if (named !== undefined) return named;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? finite(Number(text), bits) : undefined;
}

/** A number, unless it is none of that size. */
export function finite(value: number, bits: 32 | 64): number | undefined {
  const rounded = bits === 32 ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) return undefined;
  return bits === 32 && Math.abs(rounded) > LARGEST_FLOAT ? undefined : rounded;
}

/** Base64 of either alphabet, padded or not; line breaks in it count for nothing but the length. */
export function goBase64(text: string): Uint8Array | undefined {
  const isUrl = /[-_]/.test(text);
  const isPadded = text.length % 4 === 0;
  const plain = text.replace(/[\r\n]/g, '');
  const [, body = '', padding = ''] = /^([^=]*)(=*)$/.exec(plain) ?? [];
  if (!(isUrl ? /^[\w-]*$/ : /^[A-Za-z0-9+/]*$/).test(body) || body.length % 4 === 1) return undefined;
  if (body.length + padding.length !== plain.length) return undefined;
  const missing = (4 - (body.length % 4)) % 4;
  if (padding.length !== (isPadded ? missing : 0)) return undefined;
  return Buffer.from(body, isUrl ? 'base64url' : 'base64');
}
