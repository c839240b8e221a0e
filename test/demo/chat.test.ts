import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startDemo } from './program.ts';
import { Visitor } from './visitor.ts';

const json = 'chat.hawser.v1';

test('demo: two visitors chat, with names, presence and who is typing', async (context) => {
  const { ws } = await startDemo(context);
  const ada = await Visitor.open(`${ws}/chat/lobby?name=Ada`, json);
  const { you, people, room } = await ada.eventOf('welcome');
  assert.equal(room, 'lobby');
  assert.deepEqual(people, [{ ...(you as object), typing: false }]);

  const ben = await Visitor.open(`${ws}/chat/lobby?name=Ada`, json);
  assert.equal(ben.socket.protocol, json);
  assert.match(ben.socket.extensions, /permessage-deflate/);
  const welcome = await ben.eventOf('welcome');
  assert.equal((welcome['people'] as unknown[]).length, 2);
  assert.equal((await ada.event())['name'], 'Ada 2');

  ben.tell({ type: 'name', name: 'Ben' });
  assert.deepEqual(await pick(ada.event(), 'type', 'name', 'was'), ['renamed', 'Ben', 'Ada 2']);
  ben.tell({ type: 'typing', typing: true });
  assert.deepEqual(await pick(ada.event(), 'type', 'typing'), ['typing', true]);
  ben.tell({ type: 'say', text: ' hello \u{1F44B} ' });
  assert.deepEqual(await pick(ada.event(), 'type', 'name', 'text'), ['said', 'Ben', 'hello 👋']);
  ada.tell({ type: 'say', text: 'welcome' });
  await ben.eventOf('said');
  assert.deepEqual(await pick(ben.eventOf('said'), 'name', 'text'), ['Ada', 'welcome']);

  ben.socket.close();
  await ada.eventOf('said');
  assert.deepEqual(await pick(ada.event(), 'type', 'name'), ['left', 'Ben']);
});

test('demo: a terminal chats in plain lines with those who speak JSON', async (context) => {
  const { ws } = await startDemo(context);
  const page = await Visitor.open(`${ws}/chat/lobby?name=Page`, json);
  const terminal = await Visitor.open(`${ws}/chat/lobby?name=Tom`);
  assert.equal(await terminal.next(), '* You are Tom in lobby with Page');
  terminal.socket.send('hello from a terminal');
  assert.equal((await page.eventOf('said'))['text'], 'hello from a terminal');
  assert.equal(await terminal.next(), 'Tom: hello from a terminal');
  page.tell({ type: 'say', text: 'hello back' });
  assert.equal(await terminal.next(), 'Page: hello back');
});

test('demo: rooms do not hear each other', async (context) => {
  const { ws } = await startDemo(context);
  const here = await Visitor.open(`${ws}/chat/here?name=Ada`, json);
  const there = await Visitor.open(`${ws}/chat/${encodeURIComponent('dört')}?name=Ada`, json);
  assert.equal((await there.eventOf('welcome'))['room'], 'dört');
  there.tell({ type: 'say', text: 'there' });
  await there.eventOf('said');
  here.tell({ type: 'say', text: 'here' });
  assert.equal((await here.eventOf('said'))['text'], 'here');
});

test('demo: a visitor who floods a room waits, the others do not', async (context) => {
  const { ws } = await startDemo(context);
  const flooder = await Visitor.open(`${ws}/chat/lobby?name=Flooder`, json);
  const other = await Visitor.open(`${ws}/chat/lobby?name=Other`, json);
  for (let n = 0; n < 200; n += 1) flooder.tell({ type: 'say', text: `flood ${n}` });
  let heard = 0;
  for (; heard < 20; heard += 1) await other.eventOf('said');
  other.tell({ type: 'say', text: 'still here' });
  while ((await other.eventOf('said'))['name'] === 'Flooder') heard += 1;
  assert.ok(heard < 100, `${heard} floods came before the answer`);
  flooder.socket.terminate();
  assert.equal((await other.eventOf('left'))['name'], 'Flooder');
});

test('demo: what is no message of the chat hurts nobody', async (context) => {
  const { program, ws } = await startDemo(context);
  const visitor = await Visitor.open(`${ws}/chat/lobby`, json);
  assert.equal(((await visitor.event())['you'] as { name: string }).name, 'Guest');
  visitor.socket.send('{"type":');
  assert.equal((await visitor.event())['type'], 'problem');
  visitor.tell({ type: 'say', text: 'x'.repeat(1_001) });
  assert.match(String((await visitor.event())['text']), /1000/);
  visitor.tell({ type: 'say', text: ' \u0000 ' });
  visitor.socket.send(Buffer.from([1]));
  assert.equal((await visitor.closed).code, 1003);
  assert.equal(program.err, '');
});

test('demo: a message larger than the chat takes ends with 1009', async (context) => {
  const { ws } = await startDemo(context);
  const visitor = await Visitor.open(`${ws}/chat/lobby`, json);
  visitor.socket.on('error', () => undefined);
  visitor.tell({ type: 'say', text: 'x'.repeat(9_000) });
  assert.equal((await visitor.closed).code, 1009);
});

test('demo: a room takes 50 people', async (context) => {
  const { ws } = await startDemo(context);
  const open = () => Visitor.open(`${ws}/chat/lobby`, json);
  await Promise.all(Array.from({ length: 50 }, open));
  const late = await open();
  assert.deepEqual(await late.closed, { code: 1013, reason: 'this room is full' });
});

test('demo: a room or an id of the wrong shape is refused', async (context) => {
  const { ws } = await startDemo(context);
  assert.equal(await Visitor.refusal(`${ws}/chat/a%20b`), 404);
  assert.equal(await Visitor.refusal(`${ws}/chat/lobby?id=short`), 400);
  assert.equal(await Visitor.refusal(`${ws}/echo?id=${'x'.repeat(65)}`), 400);
  assert.equal(await Visitor.refusal(`${ws}/other`), 404);
});

async function pick(
  coming: Promise<Record<string, unknown>>,
  ...names: readonly string[]
): Promise<unknown[]> {
  const event = await coming;
  return names.map((name) => event[name]);
}
