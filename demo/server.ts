import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

import { serve } from 'hawser';

import { Api } from './api.ts';
import { makeCertificate } from './certificate.ts';
import { chatEndpoint } from './chat.ts';
import { CloseLog } from './close-log.ts';
import { echoEndpoint } from './echo.ts';
import { readPageFiles } from './page-files.ts';
import { Site } from './site.ts';
import { Visitors } from './visitors.ts';

/** Where and how the demo listens. */
export interface DemoOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** The running demo. */
export interface Demo {
  /** Where the page is; the first is the nearest. */
  readonly urls: readonly string[];
  /** Says goodbye to every connection, within `deadline` ms. */
  close(deadline: number): Promise<void>;
}

/** Starts the demo; rejects with the operating system's error when it cannot listen. */
export async function startDemo({ host, port, tls }: DemoOptions): Promise<Demo> {
  const root = new URL('.', import.meta.resolve('hawser/package.json'));
  const folders = [new URL('demo/page/', root), new URL('dist/demo/page/', root)];
  const log = new CloseLog();
  const visitors = new Visitors(log);
  const site = new Site(await readPageFiles(folders), new Api(visitors, log));
  const hosts = reachableHosts(host);
  const server = await serve({
    host,
    port,
    ...(tls ? { tls: await makeCertificate(certifiedHosts(hosts)) } : {}),
    request: (request, response) => site.respond(request, response),
    endpoints: { '/chat/:room': chatEndpoint(visitors), '/echo': echoEndpoint(visitors) },
  });
  const scheme = tls ? 'https' : 'http';
  return {
    urls: hosts.map((name) => pageUrl(scheme, name, server.address.port)),
    close: (deadline) => server.close({ deadline }),
  };
}

/** The hosts under which a listening address can be reached: for a wildcard, all of this machine. */
export function reachableHosts(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outer = own.filter(({ internal, family, scopeid }) => {
    return !internal && (family === 'IPv4' || (host === '::' && !scopeid));
  });
  return ['127.0.0.1', ...outer.map(({ address }) => address)];
}

function certifiedHosts(hosts: readonly string[]): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', ...hosts])];
}

function pageUrl(scheme: string, host: string, port: number): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}/`;
}
