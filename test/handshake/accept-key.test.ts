import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { acceptGuid, acceptKey, isKey } from '../../src/handshake/accept-key.ts';

describe('RFC 6455 §4.2.2: Sec-WebSocket-Accept', () => {
  test('C-08: F012: known keys give known answers', () => {
    assert.equal(acceptGuid, '258EAFA5-E914-47DA-95CA-C5AB0DC85B11');
    assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.equal(acceptKey('AVDFBDDFF'), 'C00lSWuI2LofE0GVwO0+3i5S0lk=');
    assert.equal(acceptKey('2Wg20829/4ziWlmsUAD8Dg=='), '0mMSV/mSpXk2COHDXXO2xNqwt20=');
  });
});

describe('RFC 6455 §4.1: Sec-WebSocket-Key', () => {
  const keyOf = (size: number): string => Buffer.alloc(size, 0xfb).toString('base64');

  test('16 bytes as base64 are a key', () => {
    assert.equal(isKey('dGhlIHNhbXBsZSBub25jZQ=='), true);
    assert.equal(isKey('AAAAAAAAAAAAAAAAAAAAAA=='), true);
    assert.equal(isKey(keyOf(16)), true);
  });

  test('other sizes, other characters and other endings are none', () => {
    const bad = [
      '',
      keyOf(15),
      keyOf(17),
      keyOf(0),
      'dGhlIHNhbXBsZSBub25jZ!==',
      'dGhlIHNhbXBsZSBub25jZ_==',
      'dGhlIHNhbXBsZSBub25jZQ=',
      'dGhlIHNhbXBsZSBub25jZQ',
      'dGhlIHNhbXBsZSBub25jZQ==\n',
      ' dGhlIHNhbXBsZSBub25jZQ=',
      'AdGhlIHNhbXBsZSBub25jZQ==',
      'dGhlIHNhbXBsZSBub25jZQ==A',
    ];
    for (const text of bad) assert.equal(isKey(text), false, JSON.stringify(text));
  });
});
