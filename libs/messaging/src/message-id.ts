import { createHash } from 'node:crypto';
import type { DescMessage } from '@bufbuild/protobuf';
import { channelOf } from '#libs/contracts';

/**
 * The id of a message that is told once about its subject, e.g. that an order was confirmed: always the same uuid (version 8,
 * RFC 9562). Should the row that it tells of be written once more, since the database was restored to a moment before it, then
 * the message of the second time is the message of the first to every consumer.
 */
export function onceAbout(message: DescMessage, subject: string): string {
  const hash = createHash('sha256')
    .update(`${channelOf(message).type}\0${subject}`)
    .digest()
    .subarray(0, 16);
  hash.writeUInt8(((hash[6] ?? 0) & 0x0f) | 0x80, 6);
  hash.writeUInt8(((hash[8] ?? 0) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
