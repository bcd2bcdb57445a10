// Decimal digits that tell any float32 from its neighbours.
const ENOUGH_DIGITS = 9;
// Up to here, every whole number is a float32.
const MAX_EXACT = 16_777_216;

/**
 * The number with the fewest digits that is read back as this float32: 0.1 for 0.10000000149011612. Protobuf's JSON mapping
 * asks for the shortest form of a float, and a float32 kept as a double has another one.
 */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) <= MAX_EXACT)) return value;
  for (let digits = 1; digits < ENOUGH_DIGITS; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(ENOUGH_DIGITS));
}
