import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';

import { asksForWebSocket, Handover } from '../../../src/server/http/handover.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { deferred } from '../../connection/raw-peer.ts';
import { RawClient } from '../raw-client.ts';

async function tell(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, headers, body }));
}

async function handing(clock = new VirtualClock()) {
  const late = deferred<{ request: IncomingMessage; response: ServerResponse }>();
  const server = createServer((request, response) => {
    if (request.url === '/at-once') response.end('at once');
    else if (request.url === '/late') late.resolve({ request, response });
    else void tell(request, response);
  });
  const handover = new Handover(server, clock);
  server.on('upgrade', (request, socket, head) => handover.give(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  const client = await RawClient.connect({ port: (server.address() as AddressInfo).port });
  return { client, late: late.promise };
}

test('RFC 7230 §6.7: a request that asks for h2c is served as if it had not', async () => {
  const { client } = await handing();
  client.write(
    'GET /page?x=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n',
    'Upgrade: h2c\r\nX-Twice: 1\r\nX-Twice: 2\r\nX-Bytes: \xe9\r\n\r\n',
  );
  const { status, headers } = await client.answer();
  assert.equal(status, 200);
  assert.equal(headers.get('connection'), 'close');
  const seen = JSON.parse(String(await client.rest()));
  assert.equal(seen.method, 'GET');
  assert.equal(seen.url, '/page?x=1');
  assert.equal(seen.headers['x-twice'], '1, 2');
  assert.equal(seen.headers.upgrade, 'h2c');
  client.destroy();
});

test('the connection ends behind the answer, which nothing need delay', async () => {
  const { client } = await handing();
  client.write('GET /at-once HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  assert.equal((await client.answer()).headers.get('connection'), 'close');
  assert.equal(String(await client.rest()), 'at once');
  client.destroy();
});

test('a body arrives whole, however it was cut and framed', async () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n';
  const framings = [
    `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n`,
    `${head}Content-Length: 8\r\n\r\nabcdefgh`,
  ];
  for (const whole of framings) {
    const start = whole.indexOf('\r\n\r\n') + 4;
    for (const cut of [start - 2, start, start + 1, start + 5, whole.length]) {
      const { client } = await handing();
      client.write(whole.slice(0, cut));
      setImmediate(() => client.write(whole.slice(cut)));
      assert.equal((await client.answer()).status, 200);
      assert.equal(JSON.parse(String(await client.rest())).body, 'abcdefgh');
      client.destroy();
    }
  }
});

test('a body that does not come has the time that the server gives to requests', async () => {
  const clock = new VirtualClock();
  const { client, late } = await handing(clock);
  client.write(
    'POST /late HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n',
    'Content-Length: 5\r\n\r\nabc',
  );
  const { request } = await late;
  clock.advance(299_999);
  assert.equal(request.destroyed, false);
  clock.advance(1);
  assert.equal(String(await client.rest()), '');
  assert.equal(clock.pending, 0);
});

test('an answer may take its time once the request is complete', async () => {
  const clock = new VirtualClock();
  const { client, late } = await handing(clock);
  client.write('GET /late HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  const { request, response } = await late;
  await request.resume().toArray();
  clock.advance(300_000);
  response.end('late');
  assert.equal((await client.answer()).status, 200);
});

test('RFC 7230 §6.7: websocket is asked for in any case, also among others', () => {
  for (const yes of ['websocket', 'WebSocket', 'h2c, websocket', 'websocket,ftp']) {
    assert.ok(asksForWebSocket(yes), yes);
  }
  for (const no of [undefined, '', 'h2c', 'websockets', 'wabsocket']) {
    assert.ok(!asksForWebSocket(no), no);
  }
});
