import { generate } from 'selfsigned';

/** A key and its certificate, both as PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** A server's self-signed certificate, and a client's that it signed when one was asked for. */
export interface TestCertificate extends KeyPair {
  readonly client?: KeyPair;
}

/** What a test certificate is made out to. */
export interface TestCertificateOptions {
  /** Host names and IP addresses. Default: localhost, 127.0.0.1 and ::1. */
  readonly altNames?: readonly string[];
  /** The common name of a client certificate to make as well. */
  readonly clientCertificate?: string;
  /** From when to when it is valid. Default: a year from now. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}

/** Makes a certificate. */
export async function testCertificate({
  altNames = ['localhost', '127.0.0.1', '::1'],
  clientCertificate,
  notBefore,
  notAfter,
}: TestCertificateOptions = {}): Promise<TestCertificate> {
  const names = altNames.map((name) =>
    isAddress(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  );
  const made = await generate([{ name: 'commonName', value: altNames[0] ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...(notBefore === undefined ? {} : { notBeforeDate: notBefore }),
    ...(notAfter === undefined ? {} : { notAfterDate: notAfter }),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'subjectAltName', altNames: names },
    ],
    ...(clientCertificate === undefined ? {} : { clientCertificate: { cn: clientCertificate } }),
  });
  const server = { key: made.private, cert: made.cert };
  if (made.clientprivate === undefined || made.clientcert === undefined) return server;
  return { ...server, client: { key: made.clientprivate, cert: made.clientcert } };
}
