import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
}

/** Makes a certificate that is valid for a day, by openssl or, where that is missing, by `selfsigned`. */
export async function testCertificate(
  options: TestCertificateOptions = {},
): Promise<TestCertificate> {
  const { altNames = ['localhost', '127.0.0.1', '::1'], clientCertificate } = options;
  try {
    return await byOpenssl(altNames, clientCertificate);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return bySelfsigned(altNames, clientCertificate);
  }
}

const run = promisify(execFile);
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function byOpenssl(
  altNames: readonly string[],
  clientName: string | undefined,
): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-certificate-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const read = async (name: string): Promise<KeyPair> => ({
    key: await readFile(join(folder, `${name}.key`), 'utf8'),
    cert: await readFile(join(folder, `${name}.pem`), 'utf8'),
  });
  try {
    await writeFile(join(folder, 'server.cnf'), configuration(altNames));
    await openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '1',
      '-config',
      'server.cnf',
      '-keyout',
      'server.key',
      '-out',
      'server.pem',
    );
    const server = await read('server');
    if (clientName === undefined) return server;
    await openssl(
      'req',
      ...newKey,
      '-config',
      'server.cnf',
      '-subj',
      `/CN=${clientName}`,
      '-keyout',
      'client.key',
      '-out',
      'client.csr',
    );
    await openssl(
      'x509',
      '-req',
      '-days',
      '1',
      '-in',
      'client.csr',
      '-CA',
      'server.pem',
      '-CAkey',
      'server.key',
      '-set_serial',
      '2',
      '-out',
      'client.pem',
    );
    return { ...server, client: await read('client') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configuration(altNames: readonly string[]): string {
  const names = altNames.map((name) => `${isAddress(name) ? 'IP' : 'DNS'}:${name}`).join(',');
  return `[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = ${altNames[0] ?? 'localhost'}
[extensions]
subjectAltName = ${names}
basicConstraints = critical, CA:TRUE
keyUsage = digitalSignature, keyCertSign
`;
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}

async function bySelfsigned(
  altNames: readonly string[],
  clientName: string | undefined,
): Promise<TestCertificate> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: altNames[0] ?? 'localhost' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: altNames.map((name) =>
          isAddress(name) ? { type: 7, ip: name } : { type: 2, value: name },
        ),
      },
    ],
    ...(clientName === undefined ? {} : { clientCertificate: { cn: clientName } }),
  });
  const server = { key: made.private, cert: made.cert };
  if (made.clientprivate === undefined || made.clientcert === undefined) return server;
  return { ...server, client: { key: made.clientprivate, cert: made.clientcert } };
}
