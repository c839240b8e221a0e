import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkReceiving, handlerRule } from '../../../src/connection/options/handler-rule.ts';

const both = {
  name: 'TypeError',
  message: 'it.fragment must stand instead of it.message, but both are given',
};

test('F046: a handler takes messages whole or in pieces, not both', () => {
  const [message, fragment] = [() => {}, () => {}];
  checkReceiving({ message }, 'it');
  checkReceiving({ fragment, message: undefined } as object, 'it');
  assert.throws(() => checkReceiving({ message, fragment }, 'it'), both);
});

test('a handler is an object, of a class or not, with whatever it has', () => {
  class Chat {
    message() {}
  }
  class Files extends Chat {
    fragment() {}
  }
  const chat = new Chat();
  assert.equal(handlerRule(chat, 'it'), chat);
  assert.throws(() => handlerRule(new Files(), 'it'), both);
  assert.throws(() => handlerRule(null, 'it'), {
    message: 'it must be an object with handlers, but is null',
  });
});
