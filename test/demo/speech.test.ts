import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jsonSpeech, lineSpeech } from '../../demo/speech.ts';

test('demo: commands are read from JSON, and only their known members', () => {
  const said = jsonSpeech.read('{"type":"say","text":"hi","admin":true}');
  assert.deepEqual(said, { type: 'say', text: 'hi' });
  assert.deepEqual(jsonSpeech.read('{"type":"name","name":"Ada"}'), { type: 'name', name: 'Ada' });
  const typing = jsonSpeech.read('{"type":"typing","typing":true}');
  assert.deepEqual(typing, { type: 'typing', typing: true });
});

test('demo: what is no command is none, and never throws', () => {
  const others = ['', '{', 'null', '[]', '7', '"say"', '{}', '{"type":"say"}', '{"type":"shout"}'];
  for (const message of [...others, '{"type":"say","text":7}', '{"type":"typing","typing":1}']) {
    assert.equal(jsonSpeech.read(message), undefined, message);
  }
});

test('demo: a client without the subprotocol speaks and reads plain lines', () => {
  assert.deepEqual(lineSpeech.read('{"type":"name"}'), { type: 'say', text: '{"type":"name"}' });
  const you = { id: '1', name: 'Ada' };
  const people = [
    { ...you, typing: false },
    { id: '2', name: 'Ben', typing: true },
  ];
  assert.deepEqual(
    [
      lineSpeech.write({ type: 'welcome', room: 'lobby', you, people }),
      lineSpeech.write({ type: 'welcome', room: 'lobby', you, people: [] }),
      lineSpeech.write({ type: 'joined', ...you }),
      lineSpeech.write({ type: 'said', ...you, text: 'hello', at: 0 }),
      lineSpeech.write({ type: 'renamed', ...you, was: 'Eva' }),
      lineSpeech.write({ type: 'typing', id: '1', typing: true }),
      lineSpeech.write({ type: 'people', people, missed: 3 }),
      lineSpeech.write({ type: 'people', people, missed: 0 }),
      lineSpeech.write({ type: 'problem', text: 'No.' }),
      lineSpeech.write({ type: 'left', ...you }),
    ],
    [
      '* You are Ada in lobby with Ben',
      '* You are Ada in lobby with nobody else',
      '* Ada joined',
      'Ada: hello',
      '* Eva is now Ada',
      undefined,
      '* You missed 3 events',
      undefined,
      '* No.',
      '* Ada left',
    ],
  );
});
