import { isIP } from 'node:net';

import { generate } from 'selfsigned';

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const validDays = 30;

/** Makes a self-signed certificate for host names and addresses; a new one at every call. */
export async function makeCertificate(hosts: readonly string[]): Promise<Certificate> {
  const altNames = hosts.map((host) =>
    isIP(host) === 0 ? { type: 2 as const, value: host } : { type: 7 as const, ip: host },
  );
  const made = await generate([{ name: 'commonName', value: 'hawser demo' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + validDays * 86_400_000),
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key: made.private, cert: made.cert };
}
