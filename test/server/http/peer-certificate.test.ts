import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { after, test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';

import { frozenCopy, peerCertificateOf } from '../../../src/server/http/peer-certificate.ts';
import { type KeyPair, testCertificate } from '../../support/certificate.ts';

/** The server's end of a TLS connection whose client shows a certificate, or none. */
async function accepted(server: KeyPair, client: Partial<KeyPair>): Promise<TLSSocket> {
  const { key, cert } = server;
  const settings = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false };
  const listener = createServer(settings).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  const socket = connect({ port, host: '127.0.0.1', ca: cert, ...client });
  after(() => {
    socket.destroy();
    listener.close();
  });
  const [secured] = (await once(listener, 'secureConnection')) as [TLSSocket];
  secured.on('error', () => {});
  return secured;
}

test('F141: a verified certificate is told in a copy that nobody can change', async () => {
  const { client: alice, ...server } = await testCertificate({ clientCertificate: 'alice' });
  assert.ok(alice !== undefined);
  const socket = await accepted(server, alice);
  const certificate = peerCertificateOf(socket);
  assert.ok(certificate !== undefined);
  assert.deepEqual({ ...certificate }, { ...socket.getPeerCertificate() });
  assert.equal(certificate.subject.CN, 'alice');
  assert.ok([certificate, certificate.subject, certificate.issuer].every(Object.isFrozen));
  certificate.raw.fill(0);
  assert.deepEqual(certificate.raw, socket.getPeerCertificate().raw);
});

test('without TLS, without a certificate or with one that nobody verified there is none', async () => {
  const server = await testCertificate();
  const stranger = await testCertificate({ altNames: ['alice'] });
  assert.equal(peerCertificateOf(new Socket()), undefined);
  assert.equal(peerCertificateOf(await accepted(server, {})), undefined);
  const { key, cert } = stranger;
  assert.equal(peerCertificateOf(await accepted(server, { key, cert })), undefined);
});

test('a certificate that is its own issuer is copied once', () => {
  const own = { subject: { CN: ['a', 'b'] }, issuer: {}, bits: 256, none: null };
  own.issuer = own;
  const copy = frozenCopy(own);
  assert.equal(copy.issuer, copy);
  assert.deepEqual(copy.subject, { CN: ['a', 'b'] });
  assert.ok(Object.isFrozen(copy.subject.CN));
  assert.deepEqual([copy.bits, copy.none], [256, null]);
});
