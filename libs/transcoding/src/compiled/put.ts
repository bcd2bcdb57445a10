// A longer text is copied by a loop: code that stores byte after byte grows beyond what V8 optimizes.
const MAX_INLINE = 48;

/** Makes the statements that put constant bytes at `w` of `o`. Texts enter a program as numbers alone. */
export class Puts {
  readonly constants: Buffer[] = [];
  private stored = 0;

  of(text: string): string {
    const bytes = Buffer.from(text);
    if (bytes.length === 0) return '';
    this.stored += bytes.length;
    if (bytes.length > MAX_INLINE || this.stored > 3_000) {
      this.constants.push(bytes);
      return `w=copy(K[${this.constants.length - 1}],o,w);`;
    }
    const stores = [...bytes].map((byte, i) => `o[w${i === 0 ? '' : `+${i}`}]=${byte};`);
    return `${stores.join('')}w+=${bytes.length};`;
  }
}

/** Writes all of `constant` and gives where it ends. */
export function copy(constant: Buffer, o: Buffer, w: number): number {
  for (let i = 0; i < constant.length; i++) o[w + i] = constant[i] ?? 0;
  return w + constant.length;
}
