import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { startDemo } from './program.ts';
import { Visitor } from './visitor.ts';

test('demo: text and binary come back as they were, of any size up to 16 MiB', async (context) => {
  const { ws } = await startDemo(context);
  const visitor = await Visitor.open(`${ws}/echo`, 'echo.hawser.v1', { maxPayload: 2 ** 25 });
  assert.equal(visitor.socket.protocol, 'echo.hawser.v1');
  assert.match(visitor.socket.extensions, /permessage-deflate/);
  const texts = ['', 'hello', 'ж'.repeat(70_000)];
  const files = [Buffer.alloc(0), randomBytes(300_000), Buffer.alloc(2 ** 24, 7)];
  for (const message of [...texts, ...files]) visitor.socket.send(message);
  for (const text of texts) assert.equal(await visitor.next(), text);
  for (const file of files) assert.ok(file.equals((await visitor.next()) as Buffer));
});

test('demo: a client without subprotocol and compression is echoed too', async (context) => {
  const { ws } = await startDemo(context);
  const visitor = await Visitor.open(`${ws}/echo`, undefined, { perMessageDeflate: false });
  assert.equal(visitor.socket.extensions, '');
  visitor.socket.send('plain');
  assert.equal(await visitor.next(), 'plain');
});

test('demo: a client that sends faster than it reads is not buffered for', async (context) => {
  const { program, ws } = await startDemo(context);
  const visitor = await Visitor.open(`${ws}/echo`, undefined, { perMessageDeflate: false });
  visitor.socket.pause();
  const piece = randomBytes(1_000_000);
  for (let n = 0; n < 30; n += 1) visitor.socket.send(piece);
  const other = await Visitor.open(`${ws}/echo`);
  other.socket.send('meanwhile');
  assert.equal(await other.next(), 'meanwhile');
  visitor.socket.resume();
  for (let n = 0; n < 30; n += 1) assert.ok(piece.equals((await visitor.next()) as Buffer));
  visitor.socket.pause();
  for (let n = 0; n < 30; n += 1) visitor.socket.send(piece);
  visitor.socket.terminate();
  other.socket.send('afterwards');
  assert.equal(await other.next(), 'afterwards');
  assert.equal(program.err, '');
});
