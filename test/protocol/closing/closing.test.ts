import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClosingHandshake } from '../../../src/protocol/closing/closing.ts';

const steps = ['send', 'receive', 'end'] as const;

function after(...taken: (typeof steps)[number][]): ClosingHandshake {
  const closing = new ClosingHandshake();
  for (const step of taken) assert.equal(closing.step(step), true, step);
  return closing;
}

test('F015: the four states of a closing handshake that this side starts', () => {
  assert.equal(after().state, 'open');
  assert.equal(after('send').state, 'close-sent');
  assert.equal(after('send', 'receive').state, 'closed');
});

test('F015: the four states of a closing handshake that the peer starts', () => {
  assert.equal(after('receive').state, 'close-received');
  assert.equal(after('receive', 'send').state, 'closed');
});

test('RFC 6455 §7.1.7: any state may end at once', () => {
  assert.equal(after('end').state, 'closed');
  assert.equal(after('send', 'end').state, 'closed');
  assert.equal(after('receive', 'end').state, 'closed');
});

test('RFC 6455 §5.5.1: each side sends one Close', () => {
  assert.equal(after('send').step('send'), false);
  assert.equal(after('receive').step('receive'), false);
  for (const step of steps) {
    const closing = after('send', 'receive');
    assert.equal(closing.step(step), false, step);
    assert.equal(closing.state, 'closed');
  }
});
