import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fails, frame, payload, received } from '../support/frames.ts';
import { invalidUtf8, nonCharacters } from '../support/vectors.ts';

const allButTheLast = ([name, , , , last]: readonly unknown[]) => name === 'piece' && last !== true;

test('C-32: RFC 6455 §8.1: text that is not UTF-8 fails with 1007, without a message', () => {
  for (const text of invalidUtf8) fails([frame('81', text)], 'INVALID_UTF8');
});

test('C-33: RFC 6455 §8.1: so does a continuation', () => {
  for (const text of invalidUtf8) fails(['010161', frame('80', text)], 'INVALID_UTF8');
});

test('C-33: RFC 6455 §8.1: in pieces, what came before was told', () => {
  for (const text of invalidUtf8) {
    received(
      ['010161', frame('80', text)],
      ({ events }) => {
        assert.deepEqual(events[0], ['piece', '61', 'text', true, false, 0]);
        assert.ok(events.slice(0, -3).every(allButTheLast));
        assert.deepEqual(events.at(-3), ['violation', 'INVALID_UTF8']);
        assert.equal(events.at(-2)?.[1], 1007);
      },
      { pieces: true },
    );
  }
});

test('C-71: RFC 6455 §5.6: text is a string, binary is bytes, and an empty text is a text', () => {
  const frames = [frame('81', payload('abc')), frame('82', payload('abc')), '8100'];
  received(frames, ({ events }) => {
    assert.deepEqual(events, [
      ['text', 'abc'],
      ['binary', payload('abc')],
      ['text', ''],
    ]);
  });
});

test('RFC 6455 §8.1: binary may be anything', () => {
  for (const bytes of invalidUtf8) {
    received([frame('82', bytes)], ({ events }) => assert.deepEqual(events, [['binary', bytes]]));
  }
});

test('F038: RFC 6455 §8.1: non-characters are delivered unchanged, whole and cut in two', () => {
  for (const text of nonCharacters) {
    const bytes = payload(text);
    const whole = (frames: string[]) =>
      received(frames, ({ events }) => assert.deepEqual(events, [['text', text]]));
    whole([frame('81', bytes)]);
    whole([frame('01', bytes.slice(0, 2)), frame('80', bytes.slice(2))]);
  }
});
