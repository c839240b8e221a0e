import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Answer, AnswerReader } from '../../src/client/http1.ts';
import { HandshakeError } from '../../src/handshake/errors.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accepting =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

/** Feeds an answer in two pieces and then, if nothing came out, its end. */
function readCut(bytes: Uint8Array, cut: number): Answer | HandshakeError {
  const reader = new AnswerReader({ key });
  const first = reader.receive(bytes.subarray(0, cut));
  return first ?? reader.receive(bytes.subarray(cut)) ?? reader.end();
}

/** The error an answer becomes, the same at every cut. */
function errorOf(text: string): HandshakeError {
  const bytes = Buffer.from(text, 'latin1');
  const whole = readCut(bytes, 0);
  assert.ok(whole instanceof HandshakeError);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const error = readCut(bytes, cut);
    assert.ok(error instanceof HandshakeError);
    assert.deepEqual(
      [error.refusal, error.statusCode, error.body],
      [whole.refusal, whole.statusCode, whole.body],
      `cut at ${cut}`,
    );
  }
  return whole;
}

describe('RFC 6455 §4.1: answers that accept, at every cut', () => {
  test('F019: what comes behind the head belongs to the connection', () => {
    const bytes = Buffer.from(`${accepting}\x81\x05Hello`, 'latin1');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new AnswerReader({ key });
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
      const rest: Uint8Array[] = [];
      let answer: Answer | undefined;
      for (const piece of pieces) {
        if (answer !== undefined) rest.push(piece);
        const result = answer === undefined ? reader.receive(piece) : undefined;
        assert.ok(!(result instanceof HandshakeError));
        if (result !== undefined) {
          answer = result;
          rest.push(result.rest);
        }
      }
      assert.ok(answer?.accepted.accepted);
      assert.equal(Buffer.concat(rest).toString('latin1'), '\x81\x05Hello', `cut at ${cut}`);
    }
  });

  test('RFC 7231 §6.2: interim answers are passed over', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n';
    const bytes = Buffer.from(interim + accepting);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const result = readCut(bytes, cut);
      assert.ok(!(result instanceof HandshakeError), `cut at ${cut}`);
    }
  });
});

describe('C-54: F107: answers that refuse, at every cut', () => {
  test('status, headers and body are kept', () => {
    const error = errorOf(
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 5\r\n\r\nno wayHTTP',
    );
    assert.equal(error.refusal, 'STATUS_UNAUTHORIZED');
    assert.equal(error.statusCode, 401);
    assert.equal(error.headers.get('www-authenticate'), 'Basic');
    assert.equal(error.body, 'no wa');
    assert.match(error.message, /: 401 \(/);
  });

  test('a body in chunks, one until the end, one that is cut off', () => {
    const chunked = 'HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n';
    assert.equal(errorOf(chunked).body, 'no');
    assert.equal(errorOf('HTTP/1.0 404 x\r\n\r\nnot here').body, 'not here');
    assert.equal(errorOf('HTTP/1.1 404 x\r\nContent-Length: 50\r\n\r\nnot he').body, 'not he');
  });

  test('a 101 that breaks a rule has no body: frames may follow', () => {
    const error = errorOf(`${accepting.replace('s3pP', 'xxxx')}\x81\x05Hello`);
    assert.equal(error.refusal, 'ACCEPT_WRONG');
    assert.equal(error.statusCode, 101);
    assert.equal(error.body, '');
  });

  test('a 101 in HTTP/1.0 switches nothing', () => {
    const error = errorOf(accepting.replace('HTTP/1.1', 'HTTP/1.0'));
    assert.equal(error.refusal, 'ANSWER_HTTP_VERSION');
    assert.equal(error.code, 'ERR_NO_HANDSHAKE');
    assert.equal(error.statusCode, 101);
  });

  test('what is no HTTP, what is too long, what ends too early', () => {
    assert.equal(errorOf('SSH-2.0-x\r\n').refusal, 'ANSWER_MALFORMED');
    assert.equal(errorOf('HTTP/1.1 101\nUpgrade: x\n\n').refusal, 'ANSWER_MALFORMED');
    assert.equal(errorOf(`HTTP/1.1 101 x\r\nA: ${'b'.repeat(9_000)}`).refusal, 'ANSWER_TOO_LARGE');
    assert.equal(errorOf(`HTTP/1.1 ${'b'.repeat(9_000)}`).refusal, 'ANSWER_TOO_LARGE');
    for (const text of ['', 'HTTP/1.1 101', accepting.slice(0, -2)]) {
      const error = errorOf(text);
      assert.equal(error.refusal, 'ANSWER_INCOMPLETE');
      assert.equal(error.statusCode, undefined);
      assert.equal('cause' in error, false);
    }
  });

  test('TL-03: a TLS record says that wss is to be used, at every cut; what only begins like one not', () => {
    for (const text of ['\x15\x03\x01\0\x02\x02\x46', '\x16\x03\x03\0\x05']) {
      for (let cut = 0; cut <= text.length; cut++) {
        const error = readCut(Buffer.from(text, 'latin1'), cut);
        assert.ok(error instanceof HandshakeError);
        assert.equal(error.refusal, 'ANSWER_MALFORMED');
        assert.match(error.message, /: the server speaks TLS, use wss \(/);
      }
    }
    for (const text of ['\x15\x02', '\x17\x03', '\x16HTTP/1.1']) {
      assert.doesNotMatch(errorOf(text).message, /TLS/);
    }
  });

  test('why the transport ended is the cause', () => {
    const cause = new Error('ECONNRESET');
    assert.equal(new AnswerReader({ key }).end(cause).cause, cause);
  });

  test('it is known that a refusal came before its body is there', () => {
    const reader = new AnswerReader({ key });
    assert.equal(reader.refused, false);
    reader.receive(Buffer.from('HTTP/1.1 404 x\r\n\r\nnot'));
    assert.equal(reader.refused, true);
  });
});
