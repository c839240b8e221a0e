import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Payload } from '../../../src/connection/sending/payload.ts';
import {
  checkPieces,
  type FragmentsOwner,
  type Pieces,
  sendFragments,
} from '../../../src/connection/sending/send-fragments.ts';
import { deferred, settle } from '../raw-peer.ts';

/** An owner that logs what it is told to send; `FIN` is the end of the message. */
function makeOwner(different: Partial<FragmentsOwner> = {}) {
  const log: string[] = [];
  const owner: FragmentsOwner = {
    takeTurn: async () => ({
      send: (piece, fin) => {
        const text = typeof piece === 'string' ? piece : `<${piece.join()}>`;
        log.push(fin ? `${text} FIN` : text);
      },
      cancel: () => void log.push('cancel'),
    }),
    drained: async () => {},
    isOver: () => false,
    fail: (error) => void log.push(`fail ${String(error)}`),
    ...different,
  };
  return { owner, log };
}

async function* asyncly(...pieces: readonly Payload[]): AsyncGenerator<Payload> {
  yield* pieces;
}

describe('RFC 6455 §5.4: sendFragments()', () => {
  test('the last piece of a list ends the message', async () => {
    const { owner, log } = makeOwner();
    await sendFragments(owner, ['a', '', 'c'], 'text');
    assert.deepEqual(log, ['a', '', 'c FIN']);
  });

  test('a list of one is one frame, of none an empty message', async () => {
    const { owner, log } = makeOwner();
    await sendFragments(owner, ['a'], 'text');
    await sendFragments(owner, [], 'text');
    await sendFragments(owner, [], 'binary');
    assert.deepEqual(log, ['a FIN', ' FIN', '<> FIN']);
  });

  test('a generator may use the same bytes for every piece', async () => {
    const { owner, log } = makeOwner();
    function* source(): Generator<Payload> {
      const bytes = new Uint8Array(2);
      for (const fill of [1, 2, 3]) yield bytes.fill(fill);
    }
    await sendFragments(owner, source(), 'binary');
    assert.deepEqual(log, ['<1,1>', '<2,2>', '<3,3> FIN']);
  });

  test('a piece of an async source goes at once, and an empty fragment ends the message', async () => {
    const { owner, log } = makeOwner();
    const second = deferred<Uint8Array>();
    async function* source(): AsyncGenerator<Payload> {
      yield Uint8Array.of(1);
      yield await second.promise;
    }
    const sending = sendFragments(owner, source(), 'binary');
    await settle(1);
    assert.deepEqual(log, ['<1>']);
    second.resolve(Uint8Array.of(2));
    await sending;
    assert.deepEqual(log, ['<1>', '<2>', '<> FIN']);
  });

  test('pieces of a text may be bytes, pieces of a binary message are any buffers', async () => {
    const { owner, log } = makeOwner();
    await sendFragments(owner, [Buffer.from('é'), 'é'], 'text');
    await sendFragments(owner, [Uint8Array.of(1).buffer, new Uint16Array([2])], 'binary');
    assert.deepEqual(log, ['<195,169>', 'é FIN', '<1>', '<2,0> FIN']);
  });

  test('asks for no piece before there is room for it', async () => {
    const room = [deferred(), deferred()];
    let waits = 0;
    const { owner, log } = makeOwner({
      drained: () => room[waits++]?.promise ?? Promise.resolve(),
    });
    const asked: string[] = [];
    function* source(): Generator<string> {
      for (const text of ['a', 'b', 'c']) {
        asked.push(text);
        yield text;
      }
    }
    const sending = sendFragments(owner, source(), 'text');
    await settle(1);
    assert.deepEqual([asked, log], [['a', 'b'], ['a']]);
    room[0]?.resolve();
    await settle(1);
    assert.deepEqual(
      [asked, log],
      [
        ['a', 'b', 'c'],
        ['a', 'b'],
      ],
    );
    room[1]?.resolve();
    await sending;
    assert.deepEqual(log, ['a', 'b', 'c FIN']);
  });

  test('a source that breaks before anything was sent gives the turn back', async () => {
    const { owner, log } = makeOwner();
    async function* source(): AsyncGenerator<Payload> {
      yield await Promise.reject(new Error('broke'));
    }
    await assert.rejects(sendFragments(owner, source(), 'text'), /^Error: broke$/);
    assert.deepEqual(log, ['cancel']);
  });

  test('a source that breaks later fails the connection: nothing can be taken back', async () => {
    const { owner, log } = makeOwner();
    async function* source(): AsyncGenerator<Payload> {
      yield 'a';
      throw new Error('broke');
    }
    await assert.rejects(sendFragments(owner, source(), 'text'), /^Error: broke$/);
    assert.deepEqual(log, ['a', 'fail Error: broke']);
  });

  test('a piece of the wrong type is a TypeError; a list is looked at one piece ahead', async () => {
    const { owner, log } = makeOwner();
    const wrong: Pieces = [Uint8Array.of(1), 'text'];
    await assert.rejects(sendFragments(owner, wrong, 'binary'), /^TypeError: a piece of a binary/);
    await assert.rejects(sendFragments(owner, [5 as never], 'text'), /^TypeError: a piece must be/);
    assert.deepEqual(log, ['cancel', 'cancel']);
  });

  test('the end of the connection ends it, and the source is told', async () => {
    let over = false;
    let returned = false;
    const { owner, log } = makeOwner({ isOver: () => over });
    async function* source(): AsyncGenerator<Payload> {
      try {
        yield 'a';
        over = true;
        yield 'b';
      } finally {
        returned = true;
      }
    }
    await assert.rejects(sendFragments(owner, source(), 'text'), { code: 'ERR_NOT_OPEN' });
    assert.equal(returned, true);
    assert.equal(log[0], 'a');
    assert.equal(log.includes('b'), false);
  });

  test('without a turn nothing is asked of the source', async () => {
    const refused = new Error('no turn');
    const { owner } = makeOwner({ takeTurn: () => Promise.reject(refused) });
    const source = { [Symbol.asyncIterator]: () => assert.fail('asked') };
    await assert.rejects(sendFragments(owner, source, 'text'), refused);
  });
});

test('checkPieces() takes iterables and the two types, and names what is wrong', () => {
  for (const pieces of [[], new Set(['a']), asyncly('a')]) {
    assert.doesNotThrow(() => checkPieces(pieces, 'text'));
  }
  for (const pieces of [undefined, null, 5, 'text', {}, () => {}]) {
    assert.throws(() => checkPieces(pieces as never, 'text'), /^TypeError: pieces must be an iter/);
  }
  assert.throws(() => checkPieces([], 'bytes' as never), /^TypeError: type must be 'text' or 'bin/);
});
