import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { connect, serve } from 'hawser';
import { generate } from 'selfsigned';

import { type KeyPair, testCertificate } from '../../support/certificate.ts';
import type { Arena } from '../harness/arena.ts';
import { Attacker } from '../harness/attacker.ts';
import { against, type Input, input, row } from '../harness/row.ts';
import { sharedCertificate, type Stage } from '../harness/stage.ts';
import { timeOf, within } from '../harness/waiting.ts';

/** A certificate for 127.0.0.1 that ran out yesterday. */
async function expired(): Promise<KeyPair> {
  const day = 86_400_000;
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    notBeforeDate: new Date(Date.now() - 2 * day),
    notAfterDate: new Date(Date.now() - day),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** Connects to a server with this certificate, which the client knows the issuer of or not. */
function dialling(
  name: string,
  certificate: () => Promise<KeyPair>,
  known: boolean,
  fault?: RegExp,
) {
  return input(name, async (arena) => {
    const { key, cert } = await certificate();
    const server = await serve({ port: 0, tls: { key, cert }, endpoints: { '/': {} } });
    arena.after(() => server.close());
    const opening = connect(`wss://127.0.0.1:${server.address.port}/`, {
      tls: known ? { ca: cert } : {},
    });
    if (fault !== undefined) return assert.rejects(opening, fault);
    const connection = await opening;
    assert.equal((await connection.close()).code, 1000);
  });
}

/** The first bytes of a ClientHello: the record says 165 bytes, six follow. */
const halfHello = Buffer.from('16030100a5010000a10303', 'hex');

/** Connects by TCP to a TLS server, sends these bytes, and is hung up on at handshakeTimeout. */
function stalling(name: string, bytes: Uint8Array): Input {
  return input(`${name}, handshakeTimeout 1 s`, async (arena) => {
    const stage = await arena.open({ tls: true, options: { handshakeTimeout: 1_000 } });
    const attacker = new Attacker(connectTcp(stage.port, '127.0.0.1'));
    arena.after(() => attacker.destroy());
    await once(attacker.socket, 'connect');
    attacker.write(bytes);
    const took = await timeOf(() => attacker.rest(3_000));
    assert.ok(took > 850, `${took} ms`);
    arena.figure('closed after', took, 1_500, 'ms');
  });
}

/** Asks for renegotiation again and again; gives how many were granted. */
async function renegotiate({ port }: Stage, arena: Arena): Promise<number> {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
  });
  arena.after(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const closed = once(socket, 'close').then(() => false);
  for (let count = 0; count < 100; count++) {
    const asked = new Promise<boolean>((resolve) => {
      socket.renegotiate({}, (error) => resolve(error === null));
    });
    if (!(await within(Promise.race([asked, closed]), 2_000, 'an answer'))) return count;
  }
  return 100;
}

/** Rows about TLS. */
export const tlsRows = [
  row('TL-01', 'certificates that prove nothing', 'fail; one for the address passes', [
    dialling('self-signed', sharedCertificate, false, /self-signed/),
    dialling('expired', expired, true, /expired/),
    dialling(
      'for another name',
      () => testCertificate({ altNames: ['other.example'] }),
      true,
      /does not match/,
    ),
    dialling('for the IP address', sharedCertificate, true),
  ]),
  row('TL-03', 'TLS that never gets going', 'closed at handshakeTimeout', [
    stalling('no ClientHello', Buffer.alloc(0)),
    stalling('half a ClientHello', halfHello),
  ]),
  row('TL-05', '100 renegotiations over TLS 1.2', 'closed after a few', [
    against(['tls'], '100 in a row', async (arena) => {
      const granted = await renegotiate(arena.stage, arena);
      arena.notes.push(`${granted} granted`);
      assert.ok(granted <= 10, `${granted} granted`);
    }),
  ]),
];
