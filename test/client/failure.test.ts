import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describeFailure } from '../../src/client/failure.ts';

const openssl = (reason: string) =>
  `809C2259937F0000:error:0A00010B:SSL routines:a_function:${reason}:../ssl/record.c:350:\n`;

test('TL-03: what OpenSSL says becomes one plain line', () => {
  const plain = 'the server does not speak TLS here; without TLS it is ws instead of wss';
  assert.equal(describeFailure(new Error(openssl('wrong version number'))), plain);
  assert.equal(
    describeFailure(new Error(`write EPROTO ${openssl('packet length too long')}`)),
    plain,
  );
  assert.equal(
    describeFailure(new Error(openssl('sslv3 alert handshake failure'))),
    'TLS failed, sslv3 alert handshake failure',
  );
  const worded = Object.assign(new Error('a\nb'), {
    code: 'ERR_SSL_NO_CIPHERS_AVAILABLE',
    reason: 'no ciphers available',
  });
  assert.equal(describeFailure(worded), 'TLS failed, no ciphers available');
});

test('other errors say what they say, in their first line, or else their code', () => {
  assert.equal(
    describeFailure(new Error('connect ECONNREFUSED ::1:1')),
    'connect ECONNREFUSED ::1:1',
  );
  assert.equal(describeFailure(new Error('one\r\ntwo\n')), 'one');
  const name = Object.assign(new Error('the name is wrong'), { reason: 'Host: a' });
  assert.equal(describeFailure(name), 'the name is wrong');
  const silent = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  assert.equal(describeFailure(silent), 'ECONNREFUSED');
  assert.equal(describeFailure(new Error()), 'Error');
});
