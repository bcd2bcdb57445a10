import { isIP } from 'node:net';
import { z } from 'zod';

/** A list, or a text with commas, as an environment variable has it. */
export const textList = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  ),
]);

export function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}

const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/** Where the gateway may connect to: upstreams, reflection and key sets are all held against this. */
export const outgoing = z.strictObject({
  /** Host names (`orders`, `*.internal.example`), IP addresses and networks (`10.0.0.0/8`). */
  allow: textList.refine(
    (hosts) => hosts.every((host) => HOST.test(host) || isAddressOrNetwork(host)),
    'has an entry that is no host name, IP address or network',
  ),
  /** Lets loopback and link-local addresses be used, which an allowed name could otherwise be made to point to. */
  allowLocal: z.boolean().default(false),
});

export type OutgoingConfig = z.output<typeof outgoing>;
