// RFC 7541, appendix B. The code is canonical: shorter codes come first, those of a length follow each other in the order of
// their symbols. So the lengths say it all: one character for each symbol, in base 36 ('5' is 5 bits, 'u' is 30). The last is EOS.
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu';
const EOS = 256;

/**
 * A binary tree. At 2 n is where node n leads by a 0, at 2 n + 1 by a 1: to another node, or, negative, to the symbol -1 - x.
 * Node 0 is the root; 0 leads nowhere. A tree with 257 leaves has 256 other nodes.
 */
const TREE = new Int16Array(2 * EOS);

function plant(): void {
  const bits = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36));
  const symbols = [...bits.keys()].sort((a, b) => (bits[a] ?? 0) - (bits[b] ?? 0) || a - b);
  let nodes = 1;
  let code = 0;
  let length = bits[symbols[0] ?? 0] ?? 0;
  for (const symbol of symbols) {
    const wanted = bits[symbol] ?? 0;
    code <<= wanted - length;
    length = wanted;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = 2 * node + ((code >>> bit) & 1);
      if (TREE[at] === 0) TREE[at] = nodes++;
      node = TREE[at] ?? 0;
    }
    TREE[2 * node + (code & 1)] = -1 - symbol;
    code++;
  }
}
plant();

/** The shortest code has five bits. */
const MOST_SYMBOLS_PER_OCTET = 8 / 5;
const LONGEST_PADDING = 7;

/** Text, each octet a character; undefined for what is no Huffman code of HPACK (RFC 7541, 5.2). */
export function readHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  const out = Buffer.allocUnsafe(Math.ceil((end - start) * MOST_SYMBOLS_PER_OCTET));
  let [length, node, depth, isOnes] = [0, 0, 0, true];
  for (let at = start; at < end; at++) {
    const octet = bytes[at] ?? 0;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (octet >>> shift) & 1;
      const next = TREE[2 * node + bit] ?? 0;
      if (next >= 0) {
        node = next;
        depth++;
        isOnes &&= bit === 1;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === EOS) return undefined;
      out[length++] = symbol;
      node = 0;
      depth = 0;
      isOnes = true;
    }
  }
  // What is left pads the last octet: the beginning of EOS, which is all ones.
  return depth <= LONGEST_PADDING && isOnes ? out.toString('latin1', 0, length) : undefined;
}
