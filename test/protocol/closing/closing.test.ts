import assert from 'node:assert/strict';
import { test } from 'node:test';

import { afterClose, type ClosingState } from '../../../src/protocol/closing/closing.ts';

const events = ['send', 'receive'] as const;

function after(...passed: (typeof events)[number][]): ClosingState {
  let state: ClosingState = 'open';
  for (const event of passed) state = afterClose(state, event);
  return state;
}

test('F015: the four states of a closing handshake that this side starts', () => {
  assert.equal(after(), 'open');
  assert.equal(after('send'), 'close-sent');
  assert.equal(after('send', 'receive'), 'closed');
});

test('F015: the four states of a closing handshake that the peer starts', () => {
  assert.equal(after('receive'), 'close-received');
  assert.equal(after('receive', 'send'), 'closed');
});

test('RFC 6455 §5.5.1: each side sends one Close', () => {
  assert.equal(after('send', 'send'), 'close-sent');
  assert.equal(after('receive', 'receive'), 'close-received');
  for (const event of events) assert.equal(after('send', 'receive', event), 'closed');
});
