import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { attach } from 'hawser';

import { obey } from './control.ts';
import { endpoints } from './endpoints.ts';
import { version } from './version.ts';

// A measured server that is attached to one of node:http.
const server = createServer();
attach(server, endpoints);
server.listen(0, '127.0.0.1', () => {
  obey({ port: (server.address() as AddressInfo).port, version: version() });
});
