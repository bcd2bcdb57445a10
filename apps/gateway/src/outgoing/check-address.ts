import { lookup } from 'node:dns/promises';
import type { OutgoingRules } from './outgoing-rules.js';

/**
 * Why a host may not be connected to, by its name or by any address that it resolves to now. A name that does not resolve
 * is no reason: what it is then held against comes with the connection.
 */
export async function refusalOfAddress(host: string, rules: OutgoingRules): Promise<string | undefined> {
  const refusal = rules.refusalOfHost(host);
  if (refusal) return refusal;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.map(({ address }) => rules.refusalOf(host, address)).find(Boolean);
}
