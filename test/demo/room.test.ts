import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cleanName, cleanText, type Member, Room, type RoomEvent } from '../../demo/room.ts';
import { Rooms } from '../../demo/rooms.ts';

interface Listener extends Member {
  readonly heard: RoomEvent[];
  deaf: boolean;
}

function listener(id: string): Listener {
  return {
    id,
    heard: [],
    deaf: false,
    receive(event) {
      if (!this.deaf) this.heard.push(event);
      return !this.deaf;
    },
  };
}

test('demo: people hear who joins, speaks, types, changes the name and leaves', () => {
  const room = new Room(3);
  const [ada, ben] = [listener('a'), listener('b')];
  assert.equal(room.join(ada, 'Ada'), 'Ada');
  assert.equal(room.join(ben, 'Ben'), 'Ben');
  room.type(ben, true);
  room.type(ben, true);
  room.say(ben, 'hello');
  room.rename(ben, 'Benjamin');
  room.leave(ben);
  room.say(ben, 'after leaving');
  assert.deepEqual(
    ada.heard.map(({ type }) => type),
    ['joined', 'typing', 'said', 'renamed', 'left'],
  );
  assert.deepEqual(ada.heard[3], { type: 'renamed', id: 'b', name: 'Benjamin', was: 'Ben' });
  assert.deepEqual(room.people, [{ id: 'a', name: 'Ada', typing: false }]);
});

test('demo: a name is given once in a room, whatever its case', () => {
  const room = new Room(9);
  assert.equal(room.join(listener('a'), 'Ada'), 'Ada');
  const second = listener('b');
  assert.equal(room.join(second, 'ADA'), 'ADA 2');
  assert.equal(room.join(listener('c'), 'ada'), 'ada 3');
  room.rename(second, 'ADA');
  assert.ok(second.heard.every(({ type }) => type === 'joined'));
});

test('demo: a full room takes nobody in', () => {
  const room = new Room(1);
  room.join(listener('a'), 'Ada');
  assert.equal(room.join(listener('b'), 'Ben'), undefined);
  assert.equal(room.size, 1);
});

test('demo: whoever cannot take events misses them, and others do not', () => {
  const room = new Room(9);
  const [slow, quick] = [listener('s'), listener('q')];
  room.join(slow, 'Slow');
  room.join(quick, 'Quick');
  slow.deaf = true;
  room.say(quick, 'one');
  room.say(quick, 'two');
  assert.equal(quick.heard.filter(({ type }) => type === 'said').length, 2);
  assert.equal(slow.heard.filter(({ type }) => type === 'said').length, 0);
  assert.equal(room.takeMissed(slow), 2);
  assert.equal(room.takeMissed(slow), 0);
});

test('demo: a name is one short visible line', () => {
  assert.equal(cleanName('  Ada \n Lovelace\u0007 '), 'Ada Lovelace');
  assert.equal(cleanName('\u202Eevil\u2066'), 'evil');
  assert.equal(cleanName('* Ada: hello'), 'Ada hello');
  assert.equal(cleanName('\u0000\u200B\uD800'), 'Guest');
  assert.equal(cleanName('👩'.repeat(40)), '👩'.repeat(24));
});

test('demo: what is said has no control characters, so that it cannot drive a terminal', () => {
  assert.equal(cleanText(' \u001B[2Jcleared\r\nnext\u0085 '), '[2Jcleared next');
  assert.equal(cleanText('👩‍🚀 שלום'), '👩‍🚀 שלום');
});

test('demo: there are only so many rooms, and an empty one makes place for another', () => {
  const rooms = new Rooms({ rooms: 2, people: 1 });
  const member = listener('a');
  const first = rooms.enter('one');
  first?.join(member, 'Ada');
  assert.equal(rooms.enter('one'), first);
  assert.ok(rooms.enter('two'));
  assert.equal(rooms.enter('three'), undefined);
  rooms.release('one');
  rooms.release('two');
  assert.equal(rooms.size, 1);
  assert.ok(rooms.enter('three'));
});

test('demo: a room has a plain short name', () => {
  for (const name of ['lobby', 'Küche', '部屋_1', 'a-b']) assert.ok(Rooms.isName(name), name);
  for (const name of ['', 'a b', '../x', '<b>', 'x'.repeat(33)])
    assert.ok(!Rooms.isName(name), name);
});
