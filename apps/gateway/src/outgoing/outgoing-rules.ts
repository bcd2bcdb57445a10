import { BlockList, isIP } from 'node:net';
import type { OutgoingConfig } from '../config/outgoing.js';

const LOCAL = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const)
  LOCAL.addSubnet(network, bits, 'ipv4');
LOCAL.addAddress('::', 'ipv6');
LOCAL.addAddress('::1', 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** A connection that the configuration does not allow. */
export class OutgoingRefused extends Error {
  override readonly name = 'OutgoingRefused';
}

/**
 * Where the gateway may connect to. A host has to match the allow-list by its name, or by the network that its address
 * is in; loopback and link-local addresses (metadata services of clouds among them) are refused on top, after DNS
 * resolution, unless the configuration allows them.
 */
export class OutgoingRules {
  private readonly names: readonly string[];
  private readonly networks = new BlockList();
  private readonly hasNetworks: boolean;
  private readonly allowLocal: boolean;

  constructor({ allow, allowLocal }: OutgoingConfig) {
    const networks = allow.filter((entry) => isIP(entry.split('/', 1)[0] ?? '') !== 0);
    this.names = allow.filter((entry) => !networks.includes(entry)).map(normal);
    for (const entry of networks) addNetwork(this.networks, entry);
    this.hasNetworks = networks.length > 0;
    this.allowLocal = allowLocal;
  }

  /** Why a host may not be used, as far as that is known before its name is resolved. */
  refusalOfHost(host: string): string | undefined {
    if (isIP(host) !== 0) return this.refusalOf(host, host);
    return this.isNamed(host) || this.hasNetworks ? undefined : notAllowed(host);
  }

  /** Why an address that a host has resolved to may not be used. */
  refusalOf(host: string, address: string): string | undefined {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (!this.isNamed(host) && !this.networks.check(address, family)) return notAllowed(host);
    if (this.allowLocal || !LOCAL.check(address, family)) return undefined;
    return `${host} is a loopback or link-local address: these are refused unless outgoing.allowLocal is true`;
  }

  private isNamed(host: string): boolean {
    const name = normal(host);
    return this.names.some((entry) => (entry.startsWith('*.') ? name.endsWith(entry.slice(1)) : entry === name));
  }
}

const normal = (host: string) => host.toLowerCase().replace(/\.$/, '');

const notAllowed = (host: string) =>
  `${host} is not in outgoing.allow: add it there, if the gateway is to connect to it`;

function addNetwork(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}
