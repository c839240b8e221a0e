import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';

import { type TestCertificate, testCertificate } from './certificate.ts';

/** Two sockets joined over the loopback, as a server and a client hold them. */
export interface SocketPair {
  readonly server: Socket;
  readonly client: Socket;
}

/** Joins two sockets over TCP; `allowHalfOpen` is the client's, a server's socket has it always. */
export async function tcpPair({ allowHalfOpen = true } = {}): Promise<SocketPair> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, 'connection');
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen, noDelay: true });
  const [[server]] = (await Promise.all([accepted, once(client, 'connect')])) as [
    [Socket],
    unknown,
  ];
  listener.close();
  return { server, client };
}

let certificate: Promise<TestCertificate> | undefined;

/** Joins two sockets over TLS. */
export async function tlsPair(): Promise<SocketPair> {
  certificate ??= testCertificate();
  const { key, cert } = await certificate;
  const listener = createTlsServer({ key, cert, allowHalfOpen: true });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, 'secureConnection');
  // Node knows allowHalfOpen here, its types do not.
  const options = { port, host: '127.0.0.1', ca: cert, allowHalfOpen: true };
  const client = connectTls(options);
  const [[server]] = (await Promise.all([accepted, once(client, 'secureConnect')])) as [
    [Socket],
    unknown,
  ];
  listener.close();
  return { server, client };
}
