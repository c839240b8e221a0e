import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { attach } from '../../src/server/attach.ts';
import { type Lines, maskedClose, openingRequest, RawClient } from '../server/raw-client.ts';
import { answerTo, listening, serving, type Serving } from '../server/serving.ts';
import { testCertificate } from '../support/certificate.ts';

/** Opens a connection and keeps it. */
async function open({ connect }: Serving, lines: Lines = {}) {
  const client = await connect();
  const { status, headers } = await client.request('/', lines);
  return { client, status, retryAfter: headers.get('retry-after') };
}

/** An endpoint whose `authorize` waits until it is told to go on. */
function gate() {
  let asked = 0;
  let pass = () => {};
  const opened = new Promise<void>((resolve) => (pass = resolve));
  const authorize = async () => {
    asked++;
    await opened;
  };
  return { authorize, pass: () => pass(), asked: () => asked };
}

describe('maxConnections', () => {
  test('RX-05: one more gets 503 with Retry-After before authorize, until one has gone', async () => {
    let asked = 0;
    const authorize = () => void asked++;
    const served = await serving({ '/': { authorize } }, { maxConnections: 2 });
    const [first] = [await open(served), await open(served)];
    const refused = await open(served);
    assert.deepEqual([refused.status, refused.retryAfter, asked], [503, '5', 2]);
    const [connection] = served.server.connections;
    first.client.write(maskedClose);
    await connection?.closed;
    assert.equal((await open(served)).status, 101);
    const { refused: counts, limitsHit } = served.server.stats();
    assert.deepEqual([counts, limitsHit], [{ 503: 1 }, { maxConnections: 1 }]);
  });

  test('RX-05: who waits in authorize has its place already, and loses it when refused', async () => {
    const { authorize, pass, asked } = gate();
    const refusing = async () => {
      await authorize();
      return false;
    };
    const served = await serving({ '/': { authorize: refusing } }, { maxConnections: 1 });
    const waiting = await served.connect();
    waiting.write(openingRequest('/'));
    while (asked() < 1) await new Promise(setImmediate);
    assert.equal((await open(served)).status, 503);
    pass();
    assert.equal((await waiting.answer()).status, 403);
    assert.equal((await open(served)).status, 403);
  });

  test('RX-05: attach has them too', async () => {
    const server = createServer();
    const attached = attach(server, { '/': {} }, { maxConnections: 1 });
    const port = await listening(server);
    const clients = [await RawClient.connect({ port }), await RawClient.connect({ port })];
    const answers = [];
    for (const client of clients) answers.push((await client.request()).status);
    assert.deepEqual(answers, [101, 503]);
    for (const client of clients) client.destroy();
    await attached.close();
  });
});

describe('maxConnectionsPerAddress', () => {
  test('F099: the third connection of an address is refused, until one has gone', async () => {
    const served = await serving({ '/': {} }, { maxConnectionsPerAddress: 2 });
    const [first] = [await open(served), await open(served)];
    assert.equal((await open(served)).status, 503);
    const [connection] = served.server.connections;
    first.client.write(maskedClose);
    await connection?.closed;
    assert.equal((await open(served)).status, 101);
  });

  test('TL-09: X-Forwarded-For of a stranger makes nobody another', async () => {
    const served = await serving({ '/': {} }, { maxConnectionsPerAddress: 1 });
    await open(served, { 'X-Forwarded-For': '192.0.2.1' });
    const refused = await open(served, { 'X-Forwarded-For': '192.0.2.2' });
    assert.deepEqual([refused.status, refused.retryAfter], [503, '5']);
    assert.deepEqual(served.server.stats().limitsHit, { maxConnectionsPerAddress: 1 });
  });

  test('TL-09: of a trusted proxy it tells the clients apart', async (context) => {
    const hits: unknown[] = [];
    const listener = (message: unknown) => hits.push(message);
    subscribe('hawser:limit', listener);
    context.after(() => unsubscribe('hawser:limit', listener));
    const options = { maxConnectionsPerAddress: 1, trustProxy: ['127.0.0.0/8'] };
    const served = await serving({ '/': {} }, options);
    const statuses = [];
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '8.8.8.8, 192.0.2.2']) {
      statuses.push((await open(served, { 'X-Forwarded-For': address })).status);
    }
    assert.deepEqual(statuses, [101, 101, 503, 503]);
    assert.deepEqual(
      hits,
      ['192.0.2.1', '192.0.2.2'].map((remoteAddress) => {
        return { limit: 'maxConnectionsPerAddress', connection: undefined, remoteAddress };
      }),
    );
  });
});

describe('maxPendingHandshakes', () => {
  test('the oldest client that has sent no head goes for the newcomer', async () => {
    const served = await serving({ '/': {} }, { maxPendingHandshakes: 2 });
    const silent = [await served.connect(), await served.connect()];
    assert.equal((await open(served)).status, 101);
    await silent[0]?.ended;
    silent[1]?.write(openingRequest('/'));
    assert.equal((await silent[1]?.answer())?.status, 101);
    assert.deepEqual(served.server.stats().refused, { 0: 1 });
  });

  test('F098: with room for two in authorize the third gets 503 with Retry-After', async () => {
    const { authorize, pass, asked } = gate();
    const served = await serving({ '/': { authorize } }, { maxPendingHandshakes: 2 });
    const waiting = [await served.connect(), await served.connect()];
    for (const client of waiting) client.write(openingRequest('/'));
    while (asked() < 2) await new Promise(setImmediate);
    const refused = await open(served);
    assert.deepEqual([refused.status, refused.retryAfter, asked()], [503, '5', 2]);
    pass();
    for (const client of waiting) assert.equal((await client.answer()).status, 101);
    assert.equal((await open(served)).status, 101);
  });

  test('with TLS as well, as soon as there is a way to say it', async () => {
    const { authorize, pass, asked } = gate();
    const tls = await testCertificate();
    const options = { maxPendingHandshakes: 1, tls };
    const { server } = await serving({ '/': { authorize } }, options);
    const to = { port: server.address.port, host: '127.0.0.1', ca: tls.cert };
    const waiting = await RawClient.connectTls(to);
    waiting.write(openingRequest('/'));
    while (asked() < 1) await new Promise(setImmediate);
    const newcomer = await RawClient.connectTls(to);
    assert.equal((await newcomer.answer()).status, 503);
    pass();
    assert.equal((await waiting.answer()).status, 101);
    for (const client of [waiting, newcomer]) client.destroy();
  });

  test('attach sees those in authorize', async () => {
    const { authorize, asked } = gate();
    const server = createServer();
    const attached = attach(server, { '/': { authorize } }, { maxPendingHandshakes: 1 });
    const port = await listening(server);
    const [waiting, refused] = [
      await RawClient.connect({ port }),
      await RawClient.connect({ port }),
    ];
    waiting.write(openingRequest('/'));
    while (asked() < 1) await new Promise(setImmediate);
    assert.equal((await refused.request()).status, 503);
    assert.equal(attached.stats().pendingHandshakes, 1);
    for (const client of [waiting, refused]) client.destroy();
    await attached.close();
  });

  test('a page that was asked for is no handshake any more', async () => {
    const served = await serving({ '/': {} }, { maxPendingHandshakes: 1 });
    const page = await served.connect();
    page.write('GET /page HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await page.answer()).status, 404);
    assert.equal((await open(served)).status, 101);
    assert.equal((await answerTo(served, '/')).status, 101);
    assert.deepEqual(served.server.stats().limitsHit, {});
  });
});
