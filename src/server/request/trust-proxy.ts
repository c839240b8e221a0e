import { BlockList, isIP, type Socket } from 'node:net';

import type { HeaderList } from '../../handshake/header-list.ts';

/** Whose X-Forwarded headers count: nobody's, those of so many proxies in a row, or a list's. */
export type TrustedProxies = boolean | number | readonly string[];

/** Whether an address, so many hops before the peer, is a proxy whose X-Forwarded headers count. */
export type ProxyTrust = (address: string | undefined, hops: number) => boolean;

/**
 * Trust in the addresses and subnets of a list, or in the nearest hops whatever their addresses;
 * `true` stands for one hop, whoever is connected.
 */
export function proxyTrust(trusted: TrustedProxies): ProxyTrust {
  if (typeof trusted === 'boolean') return (_address, hops) => trusted && hops === 0;
  if (typeof trusted === 'number') return (_address, hops) => hops < trusted;
  const list = new BlockList();
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = withoutMapping(address ?? '');
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  };
}

/** The last address that is no trusted proxy: what stands further left anybody may have written. */
export function clientAddress(
  socket: Socket,
  headers: HeaderList,
  trust: ProxyTrust,
): string | undefined {
  let address = socket.remoteAddress;
  if (!trust(address, 0)) return address;
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? [];
  for (let hops = 0; hops < forwarded.length && trust(address, hops); hops++) {
    const previous = withoutPort(forwarded.at(-1 - hops)?.trim() ?? '');
    if (isIP(previous) === 0) break;
    address = previous;
  }
  return address;
}

/** An IPv4 address as such where it is written as an IPv6 one (RFC 4291 §2.5.5.2). */
export function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

// Some proxies add the port: 192.0.2.1:1234, [2001:db8::1]:1234.
function withoutPort(entry: string): string {
  const [, bracketed, plain] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry) ?? [];
  return bracketed ?? plain ?? entry;
}
