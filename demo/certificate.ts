import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A private key and its certificate, both PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const run = promisify(execFile);
const validDays = 30;

/** Makes a self-signed certificate for host names and addresses; a new one at every call. */
export async function makeCertificate(hosts: readonly string[]): Promise<Certificate> {
  try {
    return await makeByOpenssl(hosts);
  } catch (error) {
    if (!isMissingProgram(error)) throw error;
    return makeByLibrary(hosts);
  }
}

async function makeByOpenssl(hosts: readonly string[]): Promise<Certificate> {
  const names = hosts.map((host) => (isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`));
  const folder = await mkdtemp(join(tmpdir(), 'hawser-demo-'));
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  try {
    const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'.split(' ');
    const subject = ['-subj', '/CN=hawser demo', '-addext', `subjectAltName=${names.join(',')}`];
    const files = ['-days', String(validDays), '-keyout', key, '-out', cert];
    await run('openssl', [...kind, ...subject, ...files]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeByLibrary(hosts: readonly string[]): Promise<Certificate> {
  const { generate } = await import('selfsigned');
  const altNames = hosts.map((host) =>
    isIP(host) === 0 ? { type: 2 as const, value: host } : { type: 7 as const, ip: host },
  );
  const notAfterDate = new Date(Date.now() + validDays * 86_400_000);
  const made = await generate([{ name: 'commonName', value: 'hawser demo' }], {
    keyType: 'ec',
    notAfterDate,
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key: made.private, cert: made.cert };
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
