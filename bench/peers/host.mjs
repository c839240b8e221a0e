// The HTTP server below the peers that attach to one of Node's.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import process from 'node:process';

import { obey, settings } from './control.mjs';

export const server = settings.tls ? createTlsServer(settings.tls) : createServer();

function versionOf(name) {
  const file = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** The versions of some packages of this folder, and of Node. */
export function versions(...names) {
  const packages = names.map((name) => `${name} ${versionOf(name)}`);
  return [...packages, `Node ${process.version.slice(1)}`].join(', ');
}

/** Listens on a free port of the loopback interface and obeys orders from then on. */
export function listen(version) {
  server.listen(0, '127.0.0.1', () => obey({ port: server.address().port, version }));
}
