import { isIPv6 } from 'node:net';

import { withoutMapping } from '../request/trust-proxy.ts';

/**
 * What counts as one address: an IPv4 address, or the /64 of an IPv6 address, which is the least
 * that one customer has (RFC 6177); undefined for a peer without address.
 */
export function addressKey(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  if (!address.includes(':')) return address;
  const plain = withoutMapping(address.replace(/%.*$/, ''));
  return plain.includes(':') && isIPv6(plain) ? `${firstGroups(plain).join(':')}::/64` : plain;
}

/** The first four of the eight groups, without leading zeros. */
function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const between = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...between, ...after].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16));
}

// An IPv4 address at the end stands for two groups, which are never among the first four.
function groupsOf(part: string): string[] {
  if (part === '') return [];
  return part.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':');
}
