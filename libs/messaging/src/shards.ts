/** Parts of the outbox that can be sent at the same time; a key is always in the same one. Never change it. */
export const SHARDS = 16;

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the same in every process and release. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

export function shardOf(key: string): number {
  return hash(key) % SHARDS;
}
