import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { MAX_BODY_SIZE, RefusalBody } from '../../src/client/refusal-body.ts';
import { type Header, HeaderList } from '../../src/handshake/header-list.ts';

function bodyOf(headers: readonly Header[], statusCode = 400): RefusalBody {
  return new RefusalBody(statusCode, new HeaderList(headers));
}

const chunked: readonly Header[] = [['Transfer-Encoding', 'chunked']];

/** Text and end of a body, fed whole and cut at every position. */
function read(headers: readonly Header[], text: string): [string, boolean] {
  const bytes = Buffer.from(text);
  const whole = bodyOf(headers);
  whole.receive(bytes);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const body = bodyOf(headers);
    body.receive(bytes.subarray(0, cut));
    body.receive(bytes.subarray(cut));
    assert.deepEqual([body.text, body.done], [whole.text, whole.done], `cut at ${cut}`);
  }
  return [whole.text, whole.done];
}

describe('RFC 7230 §3.3.3: bodies of refusals, at every cut', () => {
  test('Content-Length', () => {
    const length: Header[] = [['Content-Length', '5']];
    assert.deepEqual(read(length, 'hell'), ['hell', false]);
    assert.deepEqual(read(length, 'hello'), ['hello', true]);
    assert.deepEqual(read(length, 'hello world'), ['hello', true]);
    assert.equal(bodyOf([['Content-Length', '0']]).done, true);
  });

  test('without a length, or with a bad one, until the end', () => {
    assert.deepEqual(read([], 'hello'), ['hello', false]);
    assert.deepEqual(read([['Content-Length', '5, 5']], 'hello'), ['hello', false]);
  });

  test('statuses without a body', () => {
    for (const status of [101, 204, 304]) assert.equal(bodyOf([], status).done, true);
  });

  test('§4.1: chunks, with extensions and trailers', () => {
    assert.deepEqual(read(chunked, '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'), [
      'hello world',
      true,
    ]);
    assert.deepEqual(read(chunked, '5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n'), ['hello', true]);
    assert.deepEqual(read(chunked, 'A\r\n0123456789\r\n'), ['0123456789', false]);
    assert.deepEqual(read(chunked, '000a\n0123456789\n0\n'), ['0123456789', true]);
  });

  test('§4.1: what breaks the format ends the body', () => {
    assert.deepEqual(read(chunked, 'hello\r\nworld\r\n'), ['', true]);
    assert.deepEqual(read(chunked, '5\r\nhelloworld\r\n'), ['hello', true]);
    assert.deepEqual(read(chunked, '-5\r\nhello\r\n'), ['', true]);
    assert.deepEqual(read(chunked, `${'0'.repeat(300)}5\r\nhello`), ['', true]);
    assert.deepEqual(read(chunked, 'fffffffff\r\nhello'), ['', true]);
  });

  test('no more than 64 KiB are kept', () => {
    for (const headers of [[], chunked, [['Content-Length', '999999999']] as Header[]]) {
      const body = bodyOf(headers);
      if (headers === chunked) body.receive(Buffer.from('fffffff\r\n'));
      body.receive(Buffer.alloc(60_000, 'a'));
      assert.equal(body.done, false);
      body.receive(Buffer.alloc(60_000, 'b'));
      assert.equal(body.done, true);
      body.receive(Buffer.from('c'));
      assert.equal(body.text, 'a'.repeat(60_000) + 'b'.repeat(MAX_BODY_SIZE - 60_000));
    }
  });

  test('text is UTF-8; what is not becomes U+FFFD', () => {
    assert.deepEqual(read([], 'Gäste €'), ['Gäste €', false]);
    const body = bodyOf([]);
    body.receive(Uint8Array.of(0x61, 0xff));
    assert.equal(body.text, 'a\uFFFD');
  });

  test('property: no bytes make it throw', () => {
    const piece = fc.constantFrom(
      '5\r\n',
      '0\r\n',
      'hello',
      '\r\n',
      ';',
      '\n',
      'ffffffff\r\n',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const body = bodyOf(chunked);
        for (const one of pieces) body.receive(Buffer.from(one));
        assert.equal(typeof body.text, 'string');
      }),
    );
  });
});
