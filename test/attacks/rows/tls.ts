import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { connect, serve } from 'hawser';

import { type KeyPair, testCertificate } from '../../support/certificate.ts';
import type { Arena } from '../harness/arena.ts';
import { Attacker } from '../harness/attacker.ts';
import { against, heavyInput, type Input, input, row } from '../harness/row.ts';
import { sharedCertificate, type Stage } from '../harness/stage.ts';
import { timeOf, within } from '../harness/waiting.ts';

/** A certificate for 127.0.0.1 that ran out yesterday. */
function expired(): Promise<KeyPair> {
  const day = 86_400_000;
  return testCertificate({
    altNames: ['127.0.0.1'],
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() - day),
  });
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

/** Lets openssl ask for new keys, each time when the last were sent; gives how often it could. */
async function updateKeys(port: number, arena: Arena, count: number): Promise<number> {
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3'];
  const client = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  arena.after(() => void client.kill());
  client.stdout.resume();
  client.stdin.on('error', () => {});
  // Rejects where there is no openssl.
  const ended = once(client, 'exit').then(() => 'ended');
  for (let sent = 0; sent < count; sent++) {
    const told = once(client.stderr, 'data');
    if (sent > 0) client.stdin.write('K\n');
    if ((await within(Promise.race([told, ended]), 5_000, 'openssl')) === 'ended') return sent;
  }
  return count;
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
    heavyInput('no ClientHello, no options', 10, async (arena) => {
      const stage = await arena.open({ tls: true });
      const attacker = new Attacker(connectTcp(stage.port, '127.0.0.1'));
      arena.after(() => attacker.destroy());
      const took = await timeOf(() => attacker.rest(12_000));
      arena.figure('closed after', took, 10_500, 'ms');
    }),
  ]),
  row('TL-05', 'new keys again and again', 'closed after a few, or at bounded CPU time', [
    against(['tls'], '100 renegotiations over TLS 1.2', async (arena) => {
      const granted = await renegotiate(arena.stage, arena);
      arena.notes.push(`${granted} granted`);
      assert.ok(granted <= 10, `${granted} granted`);
    }),
    heavyInput('1,000 key updates over TLS 1.3', 10, async (arena) => {
      const stage = await arena.open({ tls: true, options: { handshakeTimeout: 60_000 } });
      const before = process.cpuUsage();
      arena.notes.push(`${await updateKeys(stage.port, arena, 1_000)} key updates`);
      const { user, system } = process.cpuUsage(before);
      arena.figure('CPU of 1,000 updates', (user + system) / 1_000, 1_000, 'ms');
    }),
  ]),
];
