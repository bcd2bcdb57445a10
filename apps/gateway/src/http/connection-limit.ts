import type { Server } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { refuseRest } from './parser-errors.js';

export interface ConnectionLimitOptions {
  /** Asked for each connection: the configuration may have changed. */
  readonly perAddress: () => number;
  /** Addresses and networks that stand for many clients. */
  readonly proxies: readonly string[];
  /** Then who is refused can be told nothing: a handshake would cost what the limit is to save. */
  readonly isTls: boolean;
}

/** Refuses connections beyond a number per client address with TOO_MANY_CONNECTIONS; trusted proxies have no limit. */
export function limitConnections(server: Server, { perAddress, proxies, isTls }: ConnectionLimitOptions): void {
  const trusted = blockListOf(proxies);
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isIn(trusted, address)) return;
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count <= perAddress()) return;
    if (isTls) socket.destroy();
    else refuseRest(socket, 'TOO_MANY_CONNECTIONS', { 'Retry-After': '1' });
  });
}

function isIn(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function blockListOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
