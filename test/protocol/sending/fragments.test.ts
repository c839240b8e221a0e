import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ProtocolError, WebSocketError } from '../../../src/protocol/errors.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { FragmentedMessage } from '../../../src/protocol/sending/fragments.ts';
import { unhex } from '../../support/recorder.ts';
import { invalidUtf8 } from '../../support/vectors.ts';

const notText = { name: 'TypeError', message: /valid UTF-8/ };
const brokenRule = (error: unknown) =>
  error instanceof TypeError &&
  error.cause instanceof ProtocolError &&
  error.cause.violation === 'INVALID_UTF8';

test('RFC 6455 §5.4: the first fragment names the type, the others continue it', () => {
  for (const type of [Opcode.Text, Opcode.Binary]) {
    const message = new FragmentedMessage(type, true);
    assert.deepEqual(
      [message.nextOpcode(), message.nextOpcode(), message.nextOpcode()],
      [type, 0, 0],
    );
    assert.equal(message.compress, true);
  }
});

test('F052: a fragment of the other type is refused', () => {
  const other = (error: unknown) =>
    error instanceof WebSocketError &&
    error.code === 'ERR_MESSAGE_UNFINISHED' &&
    error.message === 'a message of the other type is unfinished';
  const text = new FragmentedMessage(Opcode.Text, false);
  text.check('a');
  assert.throws(() => text.check(unhex('61')), other);
  const binary = new FragmentedMessage(Opcode.Binary, false);
  binary.check(unhex('61'));
  assert.throws(() => binary.check('a'), other);
});

test('RFC 6455 §8.1: a surrogate pair that is cut between fragments stays one character', () => {
  const message = new FragmentedMessage(Opcode.Text, false);
  const [high = '', low = ''] = '😀'.split('');
  assert.equal(message.payload(`a${high}`, false), 'a');
  assert.equal(message.payload('', false), '');
  assert.equal(message.payload(`${low}b${high}`, false), '😀b');
  // The last fragment has nothing to wait for.
  assert.equal(message.payload(high, true), high + high);
});

test('RFC 3629 §3: the first and the last high surrogate wait for their halves, nothing else does', () => {
  for (const character of ['\u{10000}', '\u{10ffff}']) {
    const message = new FragmentedMessage(Opcode.Text, false);
    const [high = '', low = ''] = character.split('');
    assert.deepEqual([message.payload(high, false), message.payload(low, false)], ['', character]);
  }
  for (const last of ['\ud7ff', '\udc00', '\uffff']) {
    const message = new FragmentedMessage(Opcode.Text, false);
    assert.equal(message.payload(`a${last}`, false), `a${last}`);
  }
});

test('RFC 6455 §8.1: bytes of a text are checked across fragments', () => {
  const euro = unhex('e282ac');
  for (let cut = 0; cut <= 3; cut++) {
    const message = new FragmentedMessage(Opcode.Text, false);
    assert.deepEqual(message.payload(euro.subarray(0, cut), false), euro.subarray(0, cut));
    assert.deepEqual(message.payload(euro.subarray(cut), true), euro.subarray(cut));
  }
  for (const text of invalidUtf8) {
    const message = new FragmentedMessage(Opcode.Text, false);
    assert.throws(() => message.payload(unhex(text), true), notText, text);
  }
});

test('RFC 6455 §8.1: text and bytes do not meet inside a character', () => {
  const bytesFirst = new FragmentedMessage(Opcode.Text, false);
  bytesFirst.payload(unhex('61c3'), false);
  assert.throws(() => bytesFirst.payload('b', true), notText);
  const textFirst = new FragmentedMessage(Opcode.Text, false);
  textFirst.payload('a\ud83d', false);
  assert.deepEqual(textFirst.payload(unhex(''), false), unhex(''));
  assert.throws(() => textFirst.payload(unhex('62'), true), brokenRule);
});

test('bytes of a binary message are sent as they are', () => {
  const message = new FragmentedMessage(Opcode.Binary, false);
  const bytes = unhex('ff80');
  assert.equal(message.payload(bytes, false), bytes);
  assert.equal(message.payload(bytes, true), bytes);
});
