import type { PeerCertificate } from 'node:tls';

import { tls } from '../../transport/node-tls.ts';

/**
 * What the client's certificate says, in a copy that nobody can change; undefined when it showed none
 * or the certificate was not verified: code that reads the names of such a one would trust it.
 */
export function peerCertificateOf(socket: unknown): PeerCertificate | undefined {
  if (!(socket instanceof tls.TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate();
  return Object.keys(certificate).length === 0 ? undefined : frozenCopy(certificate);
}

/** A copy frozen throughout; bytes, which cannot be, are copied for whoever reads them. */
export function frozenCopy<T extends object>(original: T, copies = new Map<object, object>()): T {
  const known = copies.get(original);
  if (known !== undefined) return known as T;
  const copy: object = Array.isArray(original)
    ? []
    : Object.create(Object.getPrototypeOf(original) as object | null);
  copies.set(original, copy);
  for (const [key, value] of Object.entries(original) as [string, unknown][]) {
    const part =
      value instanceof Uint8Array
        ? { get: () => Buffer.from(value) }
        : {
            value: typeof value === 'object' && value !== null ? frozenCopy(value, copies) : value,
          };
    Object.defineProperty(copy, key, { enumerable: true, ...part });
  }
  return Object.freeze(copy) as T;
}
